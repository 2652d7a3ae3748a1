import { readAccessLimits } from './accessLimits';

describe('readAccessLimits', () => {
  it('leaves what is not set to the gateway', () => {
    expect(readAccessLimits({})).toEqual({});
    expect(
      readAccessLimits({
        MILLRACE_GATEWAY_SERVER_EVENTS_PER_SECOND: '50000',
        MILLRACE_GATEWAY_TRUSTED_PROXY_HOPS: '2',
        MILLRACE_GATEWAY_BURST_SECONDS: '',
      }),
    ).toEqual({ serverEventsPerSecond: 50_000, trustedProxyHops: 2 });
  });

  it.each([
    ['MILLRACE_GATEWAY_BROWSER_EVENTS_PER_SECOND', '0'],
    ['MILLRACE_GATEWAY_BROWSER_BYTES_PER_SECOND', 'many'],
    ['MILLRACE_GATEWAY_SERVER_BYTES_PER_SECOND', 'Infinity'],
    ['MILLRACE_GATEWAY_TRUSTED_PROXY_HOPS', '1.5'],
    ['MILLRACE_GATEWAY_TRUSTED_PROXY_HOPS', '-1'],
    ['MILLRACE_GATEWAY_MAX_TRACKED_ADDRESSES', '10'],
  ])('does not start with %s=%s, and names it', (name, value) => {
    expect(() => readAccessLimits({ [name]: value })).toThrow(name);
  });
});

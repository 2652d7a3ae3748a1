import { clientAddress } from './clientAddress';

describe('clientAddress', () => {
  it.each([
    ['no proxy is trusted', '203.0.113.9', 0, '192.0.2.1'],
    ['there is no header', undefined, 1, '192.0.2.1'],
    ['one proxy is trusted', '203.0.113.9', 1, '203.0.113.9'],
    [
      'the sender wrote entries of its own',
      '1.1.1.1, 203.0.113.9',
      1,
      '203.0.113.9',
    ],
    [
      'two proxies are trusted',
      '1.1.1.1, 203.0.113.9, 10.0.0.1',
      2,
      '203.0.113.9',
    ],
    [
      'there are fewer entries than trusted proxies',
      '203.0.113.9',
      2,
      '192.0.2.1',
    ],
    ['the proxy adds the port', '203.0.113.9:4711', 1, '203.0.113.9'],
    ['the proxy adds the port to IPv6', '[2001:db8::9]:4711', 1, '2001:db8::9'],
    ['the entry is no address', 'unknown', 1, '192.0.2.1'],
    ['the entry is empty', '203.0.113.9,', 1, '192.0.2.1'],
  ])('when %s', (_case, header, hops, expected) => {
    expect(clientAddress('192.0.2.1', header, hops)).toBe(expected);
  });
});

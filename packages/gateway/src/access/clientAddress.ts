import { isIP } from 'node:net';

/**
 * The address of the sender as the gateway may believe it.
 *
 * Each proxy appends the address it saw to `X-Forwarded-For`; everything before
 * what the trusted proxies appended was written by the sender and is worth
 * nothing. With `n` trusted proxies the `n`-th entry from the end is the one the
 * outermost of them saw.
 *
 * @param peer - address of the connection
 * @param forwardedFor - the header, several ones joined by commas
 * @param trustedProxyHops - how many proxies are in front; 0 ignores the header
 */
export function clientAddress(
  peer: string,
  forwardedFor: string | undefined,
  trustedProxyHops: number,
): string {
  if (trustedProxyHops === 0 || !forwardedFor) {
    return peer;
  }
  const seen = forwardedFor.split(',').at(-trustedProxyHops)?.trim() ?? '';
  // Some proxies add the port: 192.0.2.1:4711 or [2001:db8::1]:4711.
  const bare = /^\[([^\]]+)\]|^(\d+\.\d+\.\d+\.\d+)(?=:\d+$)/.exec(seen);
  const address = bare?.[1] ?? bare?.[2] ?? seen;
  return isIP(address) ? address : peer;
}

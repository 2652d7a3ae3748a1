/**
 * A random UUID. `crypto.randomUUID` is there on secure origins only, and a
 * portal in a private network is often served over plain http.
 */
export function randomUuid(
  fill: (bytes: Uint8Array) => Uint8Array = bytes =>
    window.crypto.getRandomValues(bytes),
): string {
  const bytes = fill(new Uint8Array(16));
  // Version 4 and the variant of RFC 9562.
  bytes[6] = 0x40 + (bytes[6] % 0x10);
  bytes[8] = 0x80 + (bytes[8] % 0x40);
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0'));
  return [
    hex.slice(0, 4),
    hex.slice(4, 6),
    hex.slice(6, 8),
    hex.slice(8, 10),
    hex.slice(10),
  ]
    .map(group => group.join(''))
    .join('-');
}

import { createHash, randomInt, timingSafeEqual } from 'node:crypto';

/*
 * A write key in clear: `mr_<key id>_<secret>_<checksum>`.
 *
 * The prefix lets secret scanners find a leaked key, the checksum lets anyone
 * tell a mistyped key from a revoked one without asking the ledger. The secret
 * has 32 characters of base 62, 190 bits, so a plain SHA-256 of it may be
 * stored: there is nothing to guess and nothing to slow down.
 */

const BASE36 = '0123456789abcdefghijklmnopqrstuvwxyz';
const BASE62 = `${BASE36}ABCDEFGHIJKLMNOPQRSTUVWXYZ`;
const PATTERN = /^(mr_([0-9a-z]{10})_([0-9a-zA-Z]{32}))_([0-9a-zA-Z]{4})$/;

/** Draws a new key: the only moment its secret exists in clear. */
export function generateWriteKey(): {
  keyId: string;
  secret: string;
  writeKey: string;
} {
  const keyId = draw(BASE36, 10);
  const secret = draw(BASE62, 32);
  const body = `mr_${keyId}_${secret}`;
  return { keyId, secret, writeKey: `${body}_${checksum(body)}` };
}

/**
 * Takes a write key apart, or gives `undefined` when the text cannot be one.
 * Says nothing about whether the key exists.
 *
 * @public
 */
export function parseWriteKey(
  text: string,
): { keyId: string; secret: string } | undefined {
  const match = PATTERN.exec(text);
  if (!match || checksum(match[1]) !== match[4]) {
    return undefined;
  }
  return { keyId: match[2], secret: match[3] };
}

/**
 * SHA-256 of a write key's secret part in hex: what the ledger and the config
 * snapshot hold.
 *
 * @public
 */
export function hashWriteKeySecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/**
 * Whether the secret is the one behind the hash, in constant time.
 *
 * @public
 */
export function isWriteKeySecret(secret: string, secretHash: string): boolean {
  return timingSafeEqual(
    Buffer.from(hashWriteKeySecret(secret)),
    Buffer.from(secretHash),
  );
}

function draw(alphabet: string, length: number): string {
  return Array.from(
    { length },
    () => alphabet[randomInt(alphabet.length)],
  ).join('');
}

function checksum(body: string): string {
  let rest = createHash('sha256').update(body).digest().readUInt32BE();
  let text = '';
  for (let i = 0; i < 4; i++) {
    text += BASE62[rest % 62];
    rest = Math.floor(rest / 62);
  }
  return text;
}

import { createHash } from 'node:crypto';

/*
 * The multiset hash of a bucket's batches (ADR 0025): the sum modulo 2^64 of
 *
 *   K(batch) * (crc + 1)
 *
 * over its batches, where K(batch) is the first eight bytes of the SHA-256 of
 * the batch number in decimal, big-endian, made odd, and crc the CRC-32 of the
 * body. Order does not matter, and a batch twice does not cancel another that
 * is missing. Because K is odd it has an inverse, so that the difference of two
 * sums tells which batch it is when one alone has another content.
 *
 * The function `batch_hash` of the ledger's schema computes the same.
 */

const BITS = 64;
const KEY_HEX_DIGITS = 16;
const CRC_VALUES = 2n ** 32n;

/**
 * The share of one batch in the sum of its bucket, from 0 to 2^64 - 1.
 *
 * @public
 */
export function batchHash(batch: number, crc: number): bigint {
  return BigInt.asUintN(BITS, keyOf(batch) * BigInt(crc + 1));
}

/** Adds to a sum, modulo 2^64. @public */
export function addToSum(sum: bigint, hash: bigint): bigint {
  return BigInt.asUintN(BITS, sum + hash);
}

/**
 * The batch whose content alone explains the difference of two sums: with one
 * other CRC, the sum found would be the one declared. A batch that does not
 * explain it looks as if it did once in 2^31; `undefined` when none or several
 * would.
 */
export function findAlteredBatch(
  declared: bigint,
  found: bigint,
  batches: { batch: number; crc: number }[],
): number | undefined {
  const difference = BigInt.asUintN(BITS, declared - found);
  const suspects = batches.filter(({ batch, crc }) => {
    const change = BigInt.asIntN(BITS, difference * inverse(keyOf(batch)));
    const declaredCrc = BigInt(crc) + change;
    return change !== 0n && declaredCrc >= 0n && declaredCrc < CRC_VALUES;
  });
  return suspects.length === 1 ? suspects[0].batch : undefined;
}

function keyOf(batch: number): bigint {
  const digest = createHash('sha256').update(String(batch)).digest('hex');
  const key = BigInt(`0x${digest.slice(0, KEY_HEX_DIGITS)}`);
  return key % 2n === 0n ? key + 1n : key;
}

/** Modulo 2^64, of an odd number: each step doubles the bits that are right. */
function inverse(odd: bigint): bigint {
  let result = odd; // Right in its lowest three bits.
  for (let bits = 3; bits < BITS; bits *= 2) {
    result = BigInt.asUintN(BITS, result * (2n - odd * result));
  }
  return result;
}

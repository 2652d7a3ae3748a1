import { type BacklogReference, type ReferenceState } from './types';

/*
 * A reference on disk, under the key [holder id, sequence]:
 *
 *   publish time, ms   double   8
 *   bytes              uint32   4   format 1 ends here
 *   state              uint8    1
 *   failures           uint16   2
 *   ordering key       UTF-8    the rest
 */
const FORMAT_1_BYTES = 12;
const HEADER_BYTES = 15;
const MAX_FAILURES = 0xffff;

const STATES: readonly ReferenceState[] = [
  'pending',
  'acknowledged',
  'damaged',
];

export function encodeReference(reference: BacklogReference): Buffer {
  const { orderingKey = '' } = reference;
  const keyBytes = orderingKey === '' ? 0 : Buffer.byteLength(orderingKey);
  const value = Buffer.allocUnsafe(HEADER_BYTES + keyBytes);
  value.writeDoubleLE(reference.publishTimeMs, 0);
  value.writeUInt32LE(reference.bytes, 8);
  value.writeUInt8(STATES.indexOf(reference.state), 12);
  value.writeUInt16LE(Math.min(reference.failures, MAX_FAILURES), 13);
  if (keyBytes > 0) {
    value.write(orderingKey, HEADER_BYTES);
  }
  return value;
}

export function decodeReference(entry: {
  key: [number, number];
  value: Buffer;
}): BacklogReference {
  const { key, value } = entry;
  const [holderId, sequence] = key;
  const reference = {
    holderId,
    sequence,
    publishTimeMs: value.readDoubleLE(0),
    bytes: value.readUInt32LE(8),
  };
  if (value.length === FORMAT_1_BYTES) {
    return { ...reference, state: 'pending', failures: 0 };
  }
  const orderingKey =
    value.length > HEADER_BYTES ? value.toString('utf8', HEADER_BYTES) : '';
  return {
    ...reference,
    state: STATES[value.readUInt8(12)],
    failures: value.readUInt16LE(13),
    ...(orderingKey && { orderingKey }),
  };
}

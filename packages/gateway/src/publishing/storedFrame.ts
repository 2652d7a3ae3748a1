const MAGIC = 0xfd2fb528;
/** One segment, with its size in two bytes. */
const DESCRIPTOR = 0b0110_0000;
/** The two bytes count from here. */
const SIZE_OFFSET = 256;
const MAX_BYTES = SIZE_OFFSET + 0xffff;
const HEADER_BYTES = 7;
const BLOCK_HEADER_BYTES = 3;

/**
 * A zstd frame that holds bytes without compressing them: header and one raw
 * block (RFC 8878, section 3.1.1). Any zstd reads it.
 *
 * @throws RangeError above 64 KiB
 */
export function storedFrame(bytes: Buffer): Buffer {
  const { length } = bytes;
  if (length > MAX_BYTES) {
    throw new RangeError('A stored frame holds 65,791 bytes at most');
  }
  const isTiny = length < SIZE_OFFSET;
  const header = isTiny ? HEADER_BYTES - 1 : HEADER_BYTES;
  const frame = Buffer.allocUnsafe(header + BLOCK_HEADER_BYTES + length);
  frame.writeUInt32LE(MAGIC, 0);
  if (isTiny) {
    // One segment, with its size in one byte.
    frame.writeUInt8(0b0010_0000, 4);
    frame.writeUInt8(length, 5);
  } else {
    frame.writeUInt8(DESCRIPTOR, 4);
    frame.writeUInt16LE(length - SIZE_OFFSET, 5);
  }
  // The last block, raw.
  frame.writeUIntLE(length * 8 + 1, header, BLOCK_HEADER_BYTES);
  bytes.copy(frame, header + BLOCK_HEADER_BYTES);
  return frame;
}

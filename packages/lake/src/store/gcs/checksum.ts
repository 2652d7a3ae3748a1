import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { CRC32C } from '@google-cloud/storage';

/** CRC-32C as Cloud Storage writes it: base64 of four bytes, big-endian. */
export function crc32cOf(bytes: Uint8Array): string {
  const crc = new CRC32C();
  crc.update(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return crc.toString();
}

/** The same of a local file, and its size. */
export async function crc32cOfFile(
  file: string,
): Promise<{ crc32c: string; bytes: number }> {
  const crc = new CRC32C();
  let bytes = 0;
  const chunks: AsyncIterable<Buffer> = createReadStream(file, {
    highWaterMark: 1024 * 1024,
  });
  for await (const chunk of chunks) {
    bytes += chunk.length;
    crc.update(chunk);
  }
  return { crc32c: crc.toString(), bytes };
}

/** Lets bytes through and knows their checksum when they are through. */
export function crc32cMeter(
  onBytes: () => void,
): Transform & { crc32c(): string } {
  const crc = new CRC32C();
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      crc.update(chunk);
      onBytes();
      done(undefined, chunk);
    },
  });
  return Object.assign(meter, { crc32c: () => crc.toString() });
}

/** The CRC-32C in an `x-goog-hash` header, if there is one. */
export function crc32cOfHeader(
  header: string | string[] | undefined,
): string | undefined {
  const text = Array.isArray(header) ? header.join(',') : header ?? '';
  return /(?:^|,)\s*crc32c=([A-Za-z0-9+/=]+)/.exec(text)?.[1];
}

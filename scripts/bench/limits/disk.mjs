import fs from 'node:fs';
import path from 'node:path';
import { summarize } from '../load/latencies.mjs';

/**
 * How fast this disk makes appended data durable, one block after the other.
 *
 * @param {string} folder on the disk in question
 * @param {{ bytes: number, ms: number }} options size of a block; how long to try
 * @returns {{ perSecond: number, megabytesPerSecond: number, p50: number,
 *   p99: number }} flushes per second; milliseconds per write and fdatasync
 */
export function measureDisk(folder, { bytes, ms }) {
  const file = path.join(folder, `disk-${bytes}.log`);
  const fd = fs.openSync(file, 'w');
  const block = Buffer.alloc(bytes);
  for (let n = 0; n < bytes; n++) block[n] = (n * 2_654_435_761) >>> 24;
  const samples = [];
  const startedAt = performance.now();
  let now = startedAt;
  while (now - startedAt < ms) {
    fs.writeSync(fd, block);
    fs.fdatasyncSync(fd);
    const then = performance.now();
    samples.push(then - now);
    now = then;
  }
  fs.closeSync(fd);
  fs.rmSync(file);
  const seconds = (now - startedAt) / 1000;
  const { p50, p99 } = summarize(samples);
  return {
    perSecond: samples.length / seconds,
    megabytesPerSecond: (samples.length * bytes) / seconds / 1e6,
    p50,
    p99,
  };
}

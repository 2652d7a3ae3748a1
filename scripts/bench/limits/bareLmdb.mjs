// What LMDB alone commits durably on this disk, with the broker's settings:
//
//   node bareLmdb.mjs <folder> <bytes of a value> <values in flight> <ms>
//
// Prints {"perSecond": …}. A process of its own, because it must not share the
// threads of the benchmark.
import path from 'node:path';
import { randomFillSync } from 'node:crypto';
import { open } from 'lmdb';

const [folder, ...numbers] = process.argv.slice(2);
const [bytes, inFlight, ms] = numbers.map(Number);
const store = open({
  path: path.join(folder, `bare-lmdb-${bytes}`),
  encoding: 'binary',
  keyEncoding: 'uint32',
  overlappingSync: false,
  mapSize: 64 * 2 ** 30,
});
const value = randomFillSync(Buffer.alloc(bytes));
const until = performance.now() + ms;
let next = 0;
let committed = 0;

const write = async () => {
  while (performance.now() < until) {
    await store.put((next += 1), value);
    committed += 1;
  }
};
const startedAt = performance.now();
await Promise.all(Array.from({ length: inFlight }, write));
const seconds = (performance.now() - startedAt) / 1000;
await store.close();
process.stdout.write(`${JSON.stringify({ perSecond: committed / seconds })}\n`);

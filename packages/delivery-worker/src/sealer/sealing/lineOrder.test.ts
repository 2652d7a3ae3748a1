import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { createDuckdb, Duckdb } from '@millrace/lake';
import { FrozenBatch } from '@millrace/ledger';
import { DuckdbColumn } from '@millrace/schema';
import { toLine } from '../__testUtils__/workshop';
import { GatheredFiles, gatherBatches } from './gatherBatches';
import { divideIntoShards, sourceOfShard, sourceOfWhole } from './shards';

jest.setTimeout(120_000);

/** More than DuckDB keeps in one row group, by far, for each of its threads. */
const BATCHES = 600;
const EVENTS_PER_BATCH = 500;
const COLUMNS: DuckdbColumn[] = [{ name: 'n', type: 'BIGINT', required: true }];

let folder: string;
let duckdb: Duckdb;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lines-'));
  duckdb = await createDuckdb({ memoryLimit: '512MB', threads: 2 });
});
afterEach(async () => {
  duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

/** Batches of two schema versions, whose events carry the number of theirs. */
async function stage(): Promise<FrozenBatch[]> {
  const file = path.join(folder, 'staged');
  const bodies: Buffer[] = [];
  const batches: FrozenBatch[] = [];
  let offsetBytes = 0;
  for (let number = 0; number < BATCHES; number++) {
    let text = '';
    for (let n = 0; n < EVENTS_PER_BATCH; n++) {
      text += toLine({
        id: `${number}-${n}`,
        source: '/shop',
        receivedAt: '2026-01-10T12:00:00Z',
        sequence: number,
        data: { n },
      });
    }
    const body = zstdCompressSync(text);
    bodies.push(body);
    batches.push({
      path: file,
      offsetBytes,
      lengthBytes: body.length,
      publishedAt: new Date(0),
      header: {
        gateway: 'g',
        epoch: 'e',
        eventType: 'shop.order',
        schemaVersion: number % 7 === 0 ? 2 : 1,
        bucket: { start: new Date(0), seconds: 60 },
        batch: number,
        events: EVENTS_PER_BATCH,
        bytes: text.length,
      },
    });
    offsetBytes += body.length;
  }
  await writeFile(file, Buffer.concat(bodies));
  return batches;
}

async function sourcesOf(gathered: GatheredFiles[], shards: number) {
  if (shards === 1) {
    return [sourceOfWhole(gathered, COLUMNS)];
  }
  const divided = await divideIntoShards({
    duckdb,
    gathered,
    shards,
    folder: await mkdtemp(path.join(folder, 'shards-')),
  });
  return Promise.all(
    divided.map(shard => sourceOfShard(shard.folder, COLUMNS)),
  );
}

describe('the line of an event', () => {
  it.each([1, 4])(
    'is its place among the lines of the batches, read in %d shards by several threads',
    async shards => {
      const gathered = await gatherBatches({
        batches: await stage(),
        folder,
        filesPerVersion: 2,
      });
      expect(gathered.flatMap(({ files }) => files)).toHaveLength(4);
      const numbers = gathered.flatMap(({ batches }) =>
        batches.map(({ header }) => header.batch),
      );
      const seen = new Uint8Array(BATCHES * EVENTS_PER_BATCH);
      let misplaced = 0;
      for (const source of await sourcesOf(gathered, shards)) {
        await duckdb.run(source.sql, source.parameters);
        for await (const [lines, batches, places] of duckdb.columns(
          `SELECT ${source.line}, sequence, fields.n FROM staged`,
        )) {
          for (let at = 0; at < lines.length; at++) {
            const line = Number(lines[at]);
            seen[line] += 1;
            const isInPlace =
              numbers[Math.floor(line / EVENTS_PER_BATCH)] === batches[at] &&
              line % EVENTS_PER_BATCH === places[at];
            misplaced += isInPlace ? 0 : 1;
          }
        }
        await duckdb.run('DROP TABLE staged');
      }
      expect(misplaced).toBe(0);
      expect(seen.every(times => times === 1)).toBe(true);
    },
  );
});

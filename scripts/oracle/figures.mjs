// What the Delivery tab has to show, computed from a client's journal and from
// the files of a lake, by readers and arithmetic of the oracle's own. Prints one
// JSON object; bigints as text.
//
//   node scripts/oracle/figures.mjs --journal <ndjson> --lake <dir> --seconds <n>
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { findManifests, readLake } from './lake.mjs';

const HOUR_SECONDS = 60 * 60;
const DAY_SECONDS = 24 * HOUR_SECONDS;

const NOTHING = { accepted: 0, delivered: 0, duplicates: 0, refused: 0 };

/**
 * The ledger lines by type and receive bucket, hour and day, as they follow from
 * what was sent alone: of each event the first copy that was accepted is
 * delivered, or refused where the journal says that it was spoilt on the way;
 * every other copy is a duplicate of the bucket it was received in.
 *
 * @param {{ type: string, source: string, id: string, data?: object,
 *   gateway: string, receivedAt: string, outcome: string, spoilt?: boolean
 *   }[]} journal in the order of sending; `receivedAt`: any time in the bucket
 * @param {number} seconds the length of a bucket
 */
export function linesOf(journal, seconds) {
  const lines = {};
  const gateways = {};
  const seen = new Set();
  for (const sent of journal) {
    if (sent.outcome !== 'accepted') continue;
    const key = JSON.stringify([sent.type, sent.source, sent.id, sent.data]);
    const fate = sent.spoilt
      ? 'refused'
      : seen.has(key)
      ? 'duplicates'
      : 'delivered';
    seen.add(key);
    for (const [unit, length] of [
      ['bucket', seconds],
      ['hour', HOUR_SECONDS],
      ['day', DAY_SECONDS],
    ]) {
      const place = `${sent.type} ${unit} ${startOf(sent.receivedAt, length)}`;
      lines[place] ??= { ...NOTHING };
      lines[place].accepted += 1;
      lines[place][fate] += 1;
    }
    const bucket = `${sent.type} ${startOf(sent.receivedAt, seconds)}`;
    gateways[bucket] ??= {};
    gateways[bucket][sent.gateway] ??= 0;
    gateways[bucket][sent.gateway] += 1;
  }
  return { lines, gateways };
}

/**
 * What the files of each partition hold: their names, sizes and hashes, their
 * rows by receive bucket, the newest event, and the multiset hash of the keys.
 *
 * @param {string} root the lake's folder
 * @param {{ partition: string, row: object }[]} rows as `readLake` gives them
 */
export async function partitionsOf(root, rows, seconds) {
  const partitions = {};
  for (const dir of await findManifests(root)) {
    const manifest = await fs.readFile(path.join(dir, 'manifest.json'));
    const files = [];
    for (const name of (await fs.readdir(dir)).sort()) {
      if (name.endsWith('.parquet')) {
        const bytes = await fs.readFile(path.join(dir, name));
        files.push({ name, bytes: bytes.length, sha256: sha256(bytes) });
      }
    }
    partitions[path.relative(root, dir)] = {
      manifestSha256: sha256(manifest),
      files,
      rows: 0,
      skewed: 0,
      keySum: 0n,
      byBucket: {},
    };
  }
  for (const { partition, row } of rows) {
    const found = partitions[partition];
    const bucket = startOf(row._received_at, seconds);
    found.rows += 1;
    found.byBucket[bucket] = (found.byBucket[bucket] ?? 0) + 1;
    found.keySum = BigInt.asUintN(64, found.keySum + keyHash(row));
    const receivedAt = new Date(row._received_at).toISOString();
    if (!(found.lastReceivedAt > receivedAt)) found.lastReceivedAt = receivedAt;
  }
  return partitions;
}

/** The first eight bytes of the MD5 of source, line feed and id. */
function keyHash({ _source, _id }) {
  return createHash('md5')
    .update(`${_source}\n${_id}`)
    .digest()
    .readBigUInt64BE(0);
}

function startOf(time, seconds) {
  const ms = seconds * 1000;
  const start = Math.floor(new Date(time).getTime() / ms) * ms;
  return new Date(start).toISOString();
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: {
      journal: { type: 'string' },
      lake: { type: 'string' },
      seconds: { type: 'string' },
    },
  });
  const seconds = Number(values.seconds);
  const journal = (await fs.readFile(values.journal, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line));
  const { rows, problems } = await readLake(values.lake);
  const partitions = await partitionsOf(values.lake, rows, seconds);
  console.log(
    JSON.stringify(
      { ...linesOf(journal, seconds), partitions, problems },
      (_, value) => (typeof value === 'bigint' ? String(value) : value),
    ),
  );
}

import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { zstdDecompressSync } from 'node:zlib';

const MODULUS = 1n << 64n;
const TERMS = ['delivered', 'duplicates', 'refused'];

/**
 * Counts anew, from the batches on disk and the rows in the lake, what became of
 * the events of each gateway epoch and receive bucket, and compares it with what
 * the ledger keeps:
 *
 * - as many events have a fate as the batches of the gateway hold, and the
 *   multiset hash of their keys is the same;
 * - delivered are those whose very copy lies in the lake, told by the time it was
 *   received; where equal copies came by several gateways, any of them may be it;
 * - refused is the first copy of each event that is kept as refused;
 * - all others are duplicates.
 *
 * Partitions whose staged files are gone, or whose fates were not kept by
 * gateway, cannot be counted and are left out.
 *
 * @param {(sql: string) => Promise<object[]>} query of a connection that only
 *   reads
 * @param {{ rows: { partition: string, row: object }[] }} lake as `readLake`
 *   gives it
 * @param {{ counted?: Set<string> }} options `counted`: partitions that were
 *   found right before and need not be counted again, filled by this call
 * @returns {Promise<{ partitions: number, problems: string[] }>}
 */
export async function checkFates(query, lake, { counted = new Set() } = {}) {
  const partitions = await query(`
    SELECT p.partition_id, p.event_type, p.bucket_start, p.manifest_path
    FROM partitions p
    WHERE p.state = 'sealed' AND p.superseded_at IS NULL
      AND p.staged_removed_at IS NULL
      AND EXISTS (SELECT FROM partition_fates f
        WHERE f.partition_id = p.partition_id)
      AND NOT EXISTS (SELECT FROM partition_fates f
        WHERE f.partition_id = p.partition_id AND f.gateway = '')`);
  const open = partitions.filter(each => !counted.has(each.partition_id));
  if (open.length === 0) return { partitions: 0, problems: [] };
  const ids = open.map(each => BigInt(each.partition_id)).join();
  const batches = groupBy(
    await query(`
      SELECT partition_id, gateway, epoch, bucket_start, schema_version,
        staged_file, offset_bytes::float8 AS offset_bytes,
        length_bytes::float8 AS length_bytes
      FROM staged_batches WHERE partition_id IN (${ids})
      ORDER BY staged_file, offset_bytes`),
    each => each.partition_id,
  );
  const kept = groupBy(
    await query(`
      SELECT partition_id, gateway, epoch, receive_start,
        accepted::float8 AS accepted, delivered::float8 AS delivered,
        duplicates::float8 AS duplicates, refused::float8 AS refused,
        accepted_sum::text AS accepted_sum
      FROM partition_fates WHERE partition_id IN (${ids})`),
    each => each.partition_id,
  );
  const refused = new Set(
    (
      await query(`
        SELECT event_type, event_id, source, event FROM refused_events
        WHERE stage = 'sealing'`)
    ).map(each =>
      contentOf({
        type: each.event_type,
        id: each.event_id,
        source: each.source,
        data: JSON.parse(each.event).data,
      }),
    ),
  );
  const rows = groupBy(lake.rows, ({ partition }) => partition);

  const problems = [];
  for (const partition of open) {
    const id = partition.partition_id;
    const lines = await readLines(partition, batches.get(id) ?? []);
    if (lines === undefined) {
      problems.push(
        `fates: a staged file of ${partition.event_type} is gone, and the ledger says it is kept`,
      );
      continue;
    }
    const own = partition.manifest_path
      ? rows.get(path.dirname(partition.manifest_path)) ?? []
      : [];
    const found = compare(partition, {
      expected: countLines(lines, own, refused),
      kept: kept.get(id) ?? [],
    });
    if (found.length === 0) counted.add(id);
    problems.push(...found);
  }
  return { partitions: open.length, problems };
}

/**
 * The events of the batches, each with where it came from; `undefined` when one
 * of their files is not there.
 */
async function readLines(partition, batches) {
  const lines = [];
  for (const batch of batches) {
    const bytes = Buffer.alloc(batch.length_bytes);
    const file = await fs.open(batch.staged_file).catch(error => {
      if (error.code !== 'ENOENT') throw error;
    });
    if (file === undefined) return undefined;
    try {
      await file.read(bytes, 0, bytes.length, batch.offset_bytes);
    } finally {
      await file.close();
    }
    const origin = originOf(batch.gateway, batch.epoch, batch.bucket_start);
    for (const text of zstdDecompressSync(bytes).toString().split('\n')) {
      if (text === '') continue;
      const event = JSON.parse(text);
      const receivedAt = Date.parse(event.receivedAt);
      lines.push({
        origin,
        key: `${event.source ?? ''}\n${event.id ?? ''}`,
        content: contentOf({ ...event, type: partition.event_type }),
        copy: copyOf({
          id: event.id,
          source: event.source,
          receivedAt,
          producer: event.producer,
          epoch: event.epoch,
          sequence: event.sequence,
          schemaVersion: batch.schema_version,
        }),
        order: [receivedAt, event.epoch ?? null, event.sequence ?? null],
      });
    }
  }
  return lines;
}

/** By origin, how many events have each fate: at least, and at most. */
function countLines(lines, rows, refused) {
  const counts = new Map();
  const of = origin => {
    if (!counts.has(origin)) {
      counts.set(origin, {
        accepted: 0,
        sum: 0n,
        delivered: [0, 0],
        refused: [0, 0],
      });
    }
    return counts.get(origin);
  };
  /** So many of the events have a fate, and any of them may be those. */
  const share = (fate, some, size) => {
    for (const [origin, own] of groupBy(some, each => each.origin)) {
      of(origin)[fate][0] += Math.max(0, size - (some.length - own.length));
      of(origin)[fate][1] += Math.min(size, own.length);
    }
  };
  for (const { origin, key } of lines) {
    const count = of(origin);
    count.accepted += 1;
    count.sum = (count.sum + hashOf(key)) % MODULUS;
  }
  const copies = groupBy(lines, each => each.copy);
  const strangers = [];
  for (const [copy, delivered] of groupBy(rows, ({ row }) => copyOfRow(row))) {
    const some = copies.get(copy) ?? [];
    if (some.length < delivered.length) strangers.push(copy);
    share('delivered', some, Math.min(some.length, delivered.length));
  }
  const refusable = lines.filter(each => refused.has(each.content));
  for (const some of groupBy(refusable, each => each.content).values()) {
    const first = some.reduce((a, b) => (comesBefore(b, a) ? b : a));
    share(
      'refused',
      some.filter(each => !comesBefore(first, each)),
      1,
    );
  }
  return { counts, strangers };
}

function compare(partition, { expected, kept }) {
  const { counts, strangers } = expected;
  const start = new Date(partition.bucket_start).toISOString();
  const name = `${partition.event_type} ${start}`;
  const problems = strangers.map(
    copy => `fates: ${copy} is in ${name} and in none of its batches`,
  );
  const unseen = new Set(counts.keys());
  for (const each of kept) {
    const origin = originOf(each.gateway, each.epoch, each.receive_start);
    const count = counts.get(origin);
    unseen.delete(origin);
    const say = (term, least, most) =>
      problems.push(
        `fates: ${name} keeps ${each[term]} ${term} of ${origin}, and ${
          least === most ? least : `${least} to ${most}`
        } were counted`,
      );
    if (!count) {
      say('accepted', 0, 0);
      continue;
    }
    const { accepted, delivered, refused } = count;
    if (each.accepted !== accepted) say('accepted', accepted, accepted);
    if (BigInt(each.accepted_sum) !== count.sum) {
      problems.push(
        `fates: ${name} keeps another sum of keys of ${origin} than its batches have`,
      );
    }
    const bounds = {
      delivered,
      refused,
      duplicates: [
        accepted - delivered[1] - refused[1],
        accepted - delivered[0] - refused[0],
      ],
    };
    for (const term of TERMS) {
      const [least, most] = bounds[term];
      if (each[term] < least || each[term] > most) say(term, least, most);
    }
  }
  for (const origin of unseen) {
    problems.push(
      `fates: ${name} keeps nothing of ${origin}, and ${
        counts.get(origin).accepted
      } of its events were counted`,
    );
  }
  return problems;
}

function originOf(gateway, epoch, receiveStart) {
  return `${gateway} (epoch ${epoch}, received ${new Date(
    receiveStart,
  ).toISOString()})`;
}

/** One event with one content, however often it came. */
function contentOf({ type, id, source, data }) {
  return JSON.stringify([type, source ?? null, id ?? null, data ?? null]);
}

/** What tells one copy of an event from another. */
function copyOf(event) {
  const { id, source, receivedAt, producer, epoch, sequence } = event;
  return JSON.stringify([
    source,
    id,
    receivedAt,
    producer ?? null,
    epoch ?? null,
    sequence ?? null,
    event.schemaVersion,
  ]);
}

function copyOfRow(row) {
  return copyOf({
    id: row._id,
    source: row._source,
    receivedAt: new Date(row._received_at).getTime(),
    producer: row._producer,
    epoch: row._epoch,
    sequence: row._sequence === null ? null : Number(row._sequence),
    schemaVersion: Number(row._schema_version),
  });
}

/** Received earlier; then by epoch and number, those without one last. */
function comesBefore(a, b) {
  for (const [index, own] of a.order.entries()) {
    const other = b.order[index];
    if (own === other) continue;
    if (own === null || other === null) return other === null;
    return own < other;
  }
  return false;
}

function hashOf(key) {
  return createHash('md5').update(key).digest().readBigUInt64BE(0);
}

function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(item);
  }
  return groups;
}

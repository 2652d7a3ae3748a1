import { isDeepStrictEqual } from 'node:util';
import { createRandom } from '../lib/random.mjs';
import { ledger } from '../lib/rooms.mjs';
import { LedgerModel } from './ledgerModel.mjs';

const NOON = Date.UTC(2026, 0, 10, 12);
const BUCKET_SECONDS = 60;
const BUCKETS = 4;
const TYPES = ['shop.order', 'shop.visit'];
const LIVES = [
  ['g1', 'a'],
  ['g1', 'b'],
  ['g2', 'a'],
];
const HOLDERS = ['w1', 'w2'];
const OPERATIONS = 40;
/** A lease that will not run out, and one that has already. */
const LONG_MS = 3_600_000;
const OVER_MS = -1;

/** What a history leaves behind; of the rest of the ledger nothing is used. */
const TABLES = [
  'config_snapshots',
  'event_types',
  'gateways',
  'gateway_buckets',
  'gateway_bucket_counts',
  'leases',
  'partitions',
  'partition_files',
  'staged_batches',
  'event_ids',
  'id_files',
];

/**
 * Runs one random history of operations through the ledger and its model, and
 * compares every answer and every refusal.
 *
 * @param {import('knex').Knex} db a migrated ledger that may be emptied
 * @param {number} seed
 * @returns {Promise<string | undefined>} the first difference, in words
 */
export async function compareWithModel(db, seed) {
  const random = createRandom(`model ${seed}`);
  const pick = items => items[Math.floor(random.next() * items.length)];
  const chance = share => random.next() < share;
  await db.raw(`TRUNCATE ${TABLES.join(', ')} CASCADE`);
  const provisionedAt = new Date(NOON);
  await ledger.publishConfigSnapshot(db, {
    bucketSeconds: BUCKET_SECONDS,
    now: provisionedAt,
    writeKeys: [],
    eventTypes: TYPES.map(name => ({
      name,
      tier: 'normal',
      version: 1,
      schema: { type: 'record', name: 'Event', fields: [] },
      topic: name,
      subscription: name,
    })),
  });
  const model = new LedgerModel();
  model.bucketSeconds = BUCKET_SECONDS;
  TYPES.forEach(type => model.provision(type, provisionedAt));

  const tokens = [1n];
  /** By partition id of the model, that of the real one. */
  const realIds = new Map();
  const begun = [];
  /** What was seen of the ids, by the model and by the ledger. */
  const seen = [{ model: '0', ledger: '0' }];
  const files = [];
  let number = 0;
  const bucketAt = n => ({
    start: new Date(NOON + n * BUCKET_SECONDS * 1_000),
    seconds: BUCKET_SECONDS,
  });
  const anyBucket = () => bucketAt(Math.floor(random.next() * BUCKETS));
  const anyTime = () =>
    new Date(NOON + Math.floor(random.next() * BUCKETS * 60_000));
  const anyType = () => pick(TYPES);

  const batchOf = (eventType, bucket, stagedFile, offsetBytes) => {
    const [gateway, epoch] = pick(LIVES);
    number += 1;
    return {
      header: {
        gateway,
        epoch,
        eventType,
        schemaVersion: 1,
        bucket,
        batch: 1 + Math.floor(random.next() * 4),
        events: 1 + Math.floor(random.next() * 5),
        bytes: 100,
      },
      stagedFile,
      offsetBytes,
      lengthBytes: 10,
      publishedAt: new Date(bucket.start.getTime() + number),
      messageId: `m${number}`,
    };
  };

  const operations = {
    heartbeatGateway: () => {
      const [gateway, epoch] = pick(LIVES);
      return {
        gateway,
        epoch,
        startedAt: new Date(
          NOON + LIVES.findIndex(l => l[1] === epoch) * 30_000,
        ),
        leaseMs: 15_000,
        url: 'http://127.0.0.1',
        pid: 1,
        now: anyTime(),
      };
    },
    endGateway: () => {
      const [gateway, epoch] = pick(LIVES);
      return { gateway, epoch, endedAt: anyTime() };
    },
    declareBucket: () => {
      const [gateway, epoch] = pick(LIVES);
      return {
        gateway,
        epoch,
        bucket: anyBucket(),
        counts: TYPES.filter(() => chance(0.7)).map(eventType => ({
          eventType,
          lastBatch: Math.floor(random.next() * 5),
          abandonedBatches: chance(0.5)
            ? [1 + Math.floor(random.next() * 4)]
            : [],
          events: Math.floor(random.next() * 20),
        })),
      };
    },
    recordStagedBatches: () => {
      if (files.length > 0 && chance(0.3)) {
        // The same file again: the answer of the first time got lost.
        return { batches: pick(files), now: anyTime() };
      }
      const eventType = anyType();
      const bucket = anyBucket();
      const file = `/staging/${eventType}/${files.length}`;
      const keys = new Set();
      const batches = Array.from({ length: 1 + random.next() * 3 }, (_, at) =>
        batchOf(eventType, bucket, file, at * 10),
      ).filter(({ header: { gateway, epoch, batch } }) => {
        const key = `${gateway} ${epoch} ${batch}`;
        return !keys.has(key) && keys.add(key);
      });
      files.push(batches);
      return { batches, now: anyTime() };
    },
    classifyStagedFiles: () => ({
      paths: [...new Set(files.flat().map(({ stagedFile }) => stagedFile))],
    }),
    listBucketsToClose: () => ({
      now: new Date(NOON + (BUCKETS + 1) * 60_000),
      graceMs: 500,
      limit: 1_000,
    }),
    readClosingInputs: () => ({ eventType: anyType(), bucket: anyBucket() }),
    claimLease: () => ({
      resource: `seal:${anyType()}`,
      holder: pick(HOLDERS),
      leaseMs: chance(0.3) ? OVER_MS : LONG_MS,
    }),
    renewLease: () => ({
      resource: `seal:${anyType()}`,
      fencingToken: pick(tokens),
      leaseMs: chance(0.3) ? OVER_MS : LONG_MS,
    }),
    releaseLease: () => ({
      resource: `seal:${anyType()}`,
      fencingToken: pick(tokens),
    }),
    beginSealing: () => ({
      eventType: anyType(),
      bucket: anyBucket(),
      fencingToken: pick(tokens.slice(-3)),
      decision: { n: number },
    }),
    beginPublishing: () =>
      begun.length === 0
        ? undefined
        : {
            partitionId: pick(begun).partitionId,
            fencingToken: pick(tokens.slice(-3)),
          },
    listIdFiles: () => ({ eventType: anyType() }),
    commitPartition: () => {
      if (begun.length === 0) return undefined;
      const work = pick(begun);
      const events = work.stagedFiles.reduce(
        (sum, { header }) => sum + header.events,
        0,
      );
      const delivered = chance(0.8) ? events : Math.floor(events / 2);
      return {
        partitionId: work.partitionId,
        fencingToken: pick(tokens.slice(-3)),
        counts: {
          accepted: chance(0.95) ? events : events + 1,
          delivered,
          duplicates: events - delivered,
          refused: 0,
          conflicts: 0,
          skewed: 0,
        },
        files: [],
        manifest: { path: `p${work.partitionId}`, sha256: pick(['a', 'b']) },
        schemaVersion: 1,
        ids:
          delivered === 0
            ? undefined
            : {
                path: `ids ${(number += 1)}`,
                rows: chance(0.95) ? delivered : delivered + 1,
                bytes: 100,
                sha256: '0'.repeat(64),
                seenThrough: chance(0.8) ? seen.at(-1) : pick(seen),
              },
        refusedAtSealing: [],
        sealedAt: new Date(NOON),
      };
    },
  };

  /** The same options, with the numbers that each of the two has given. */
  const saidTo = (who, options) => ({
    ...options,
    ...(who === 'ledger' &&
      'partitionId' in options && {
        partitionId: realIds.get(options.partitionId),
      }),
    ...(options.ids && {
      ids: { ...options.ids, seenThrough: options.ids.seenThrough[who] },
    }),
  });

  const names = Object.keys(operations);
  for (let step = 0; step < OPERATIONS; step += 1) {
    const name = pick(names);
    const options = operations[name]();
    if (options === undefined) continue;
    const expected = await outcomeOf(() =>
      model[name](saidTo('model', options)),
    );
    const actual = await outcomeOf(() =>
      ledger[name](db, saidTo('ledger', options)),
    );
    if (name === 'listIdFiles') {
      seen.push({
        model: expected.value.seenThrough,
        ledger: actual.value.seenThrough,
      });
    }
    if (name === 'claimLease' && expected.value) {
      tokens.push(expected.value.fencingToken);
    }
    if (name === 'beginSealing' && expected.value && actual.value) {
      realIds.set(expected.value.partitionId, actual.value.partitionId);
      begun.push(expected.value);
    }
    const [modelSays, ledgerSays] = [expected, actual].map(outcome =>
      comparable(name, outcome),
    );
    if (!isDeepStrictEqual(modelSays, ledgerSays)) {
      return `${name} differs at step ${step} of history ${seed}: the ledger says ${text(
        ledgerSays,
      )}, its model ${text(modelSays)}`;
    }
  }
  return undefined;
}

async function outcomeOf(run) {
  try {
    return { value: await run() };
  } catch (error) {
    if (error.code === undefined) throw error;
    return { code: error.code };
  }
}

/** What an answer promises, without what only one of the two can know. */
function comparable(name, { value, code }) {
  if (code !== undefined) return { code };
  switch (name) {
    case 'listBucketsToClose':
      return value
        .map(
          ({ eventType, bucket }) => `${eventType} ${bucket.start.getTime()}`,
        )
        .sort();
    case 'beginSealing':
      return value.stagedFiles;
    case 'listIdFiles':
      return value.files.map(({ path, rows }) => ({ path, rows }));
    case 'beginPublishing':
    case 'commitPartition':
    case 'heartbeatGateway':
    case 'endGateway':
    case 'declareBucket':
    case 'releaseLease':
      return 'done';
    case 'recordStagedBatches':
      return {
        ...value,
        setAside: value.setAside.map(({ messageId }) => messageId).sort(),
      };
    case 'readClosingInputs':
      // More may be said of a life than the rule was told when this was written.
      return value.gateways.map(gateway =>
        Object.fromEntries(INPUTS.map(field => [field, gateway[field]])),
      );
    default:
      return value;
  }
}

const INPUTS = [
  'gateway',
  'epoch',
  'registered',
  'startedAt',
  'endedAt',
  'leaseExpiresAt',
  'declared',
  'lastBatch',
  'abandonedBatches',
  'declaredEvents',
  'stagedBatches',
  'stagedEvents',
  'poisonBatches',
  'missingBatches',
];

function text(value) {
  return JSON.stringify(value, (_key, item) => {
    if (typeof item === 'bigint') return String(item);
    if (item instanceof Map) return [...item];
    if (item instanceof Set) return [...item];
    return item;
  });
}

import { TestDatabases } from '@backstage/backend-test-utils';
import { Knex } from 'knex';
import { migrateLedger } from '../database/migrateLedger';
import {
  beginSealing,
  claimLease,
  commitPartition,
  CommittedIds,
  listIdFiles,
  publishConfigSnapshot,
  sealResource,
} from '../operations';
import { Bucket, ReplayLanding, StagedBatch, Tier } from '../types';

/*
 * A migrated ledger per test file, emptied before each test, and the few
 * arrangements that most tests begin with.
 */

/** All tests live in this hour unless they say otherwise. */
export const NOON = new Date('2026-01-10T12:00:00Z');

export function minutes(n: number, from: Date = NOON): Date {
  return new Date(from.getTime() + n * 60_000);
}

/** The one-minute bucket `n` minutes after noon. */
export function bucketAt(n: number): Bucket {
  return { start: minutes(n), seconds: 60 };
}

export function useLedger(): () => Knex {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let db: Knex;
  beforeAll(async () => {
    db = await databases.init('POSTGRES_18');
    await migrateLedger(db);
  });
  beforeEach(async () => {
    await db.raw(`TRUNCATE config_snapshots, event_types, write_keys, write_key_uses, gateways,
      gateway_buckets, gateway_bucket_counts, workers, leases, consumers,
      consumption_leases, message_attempts, waiting_buckets, forced_closings, partitions,
      partition_files, staged_batches, event_ids, id_files, refused_events,
      refused_batches, poison_batches, retention_marks, replays,
      replay_write_keys, replay_events, test_events, first_receptions,
      books, batch_findings, batch_redeliveries, partition_arrivals, partition_fates,
      partition_numbering, producer_epochs, producer_sequences, producer_types,
      producer_marks, producer_drops, partition_audits, lake_audits,
      audit_findings, replay_landings, revision_operations, revision_changes,
      revision_moves, revision_refusals, partition_refusals, seal_shards,
      removals, event_type_conditions, drift_repairs, broker_orphans, rollouts,
      component_rollouts`);
  });
  return () => db;
}

/** Provisions event types in the order of their names, from long before noon. */
export async function provision(
  db: Knex,
  types: Record<string, Tier>,
  options: { now?: Date; bucketSeconds?: number } = {},
): Promise<void> {
  await publishConfigSnapshot(db, {
    bucketSeconds: options.bucketSeconds ?? 60,
    now: options.now ?? minutes(-60),
    writeKeys: [],
    eventTypes: Object.entries(types).map(([name, tier]) => ({
      name,
      tier,
      version: 1,
      schema: { type: 'record', name: 'Event', fields: [] },
      topic: `event.${name}`,
      subscription: `event.${name}.delivery`,
      refusedTopic: `refused.${name}`,
      refusedSubscription: `refused.${name}.delivery`,
    })),
  });
}

/** Batch `batch` of gateway g, epoch e, with ten events, in a file of its own. */
export function stagedBatch(
  options: {
    eventType?: string;
    bucket?: Bucket;
    batch?: number;
    gateway?: string;
    epoch?: string;
    events?: number;
    stagedFile?: string;
    offsetBytes?: number;
  } = {},
): StagedBatch {
  const {
    eventType = 'page.viewed',
    bucket = bucketAt(0),
    batch = 1,
    gateway = 'g',
    epoch = 'e',
    events = 10,
    offsetBytes = 0,
  } = options;
  const name = [gateway, epoch, bucket.start.toISOString(), batch].join('_');
  return {
    header: {
      gateway,
      epoch,
      eventType,
      schemaVersion: 1,
      bucket,
      batch,
      events,
      bytes: events * 100,
    },
    stagedFile:
      options.stagedFile ?? `/staging/${eventType}/${name}.ndjson.zst`,
    offsetBytes,
    lengthBytes: 100,
    publishedAt: new Date(bucket.start.getTime() + 1_000),
    messageId: `m-${name}`,
  };
}

/** Claims the seal lease of a type for a sealer that will not come back soon. */
export async function claimSealLease(
  db: Knex,
  eventType: string,
  holder: string = 'sealer-1',
): Promise<bigint> {
  const claim = await claimLease(db, {
    resource: sealResource(eventType),
    holder,
    leaseMs: 60_000,
  });
  if (!claim) {
    throw new Error(`The lease of ${eventType} is taken`);
  }
  return claim.fencingToken;
}

export const SHA256 = 'a'.repeat(64);

/** An id file as a commit names it, seen through everything that is sealed. */
export async function idsOf(
  db: Knex,
  options: { eventType?: string; path: string; rows: number },
): Promise<CommittedIds> {
  const { eventType = 'page.viewed', path, rows } = options;
  const { seenThrough } = await listIdFiles(db, { eventType });
  return { path, rows, bytes: 32 * rows, sha256: SHA256, seenThrough };
}

/** Puts ids into the ledger, as earlier releases did. */
export async function insertOldEventIds(
  db: Knex,
  rows: { eventKey: string; contentHash: string; sealedAt: Date }[],
  eventType: string = 'page.viewed',
): Promise<void> {
  await db.transaction(async tx => {
    const constraint = 'event_ids_are_in_files_now';
    await tx.raw('ALTER TABLE event_ids DROP CONSTRAINT ??', [constraint]);
    await tx('event_ids').insert(
      rows.map(row => ({
        event_type: eventType,
        event_key: row.eventKey,
        content_hash: row.contentHash,
        sealed_at: row.sealedAt,
      })),
    );
    await tx.raw(
      'ALTER TABLE event_ids ADD CONSTRAINT ?? CHECK (false) NOT VALID',
      [constraint],
    );
  });
}

/** Seals a bucket with every staged event delivered. */
export async function sealBucket(
  db: Knex,
  options: {
    eventType?: string;
    bucket: Bucket;
    sealedAt?: Date;
    landings?: ReplayLanding[];
  },
): Promise<string> {
  const { eventType = 'page.viewed', bucket } = options;
  const fencingToken = await claimSealLease(db, eventType);
  const { partitionId, stagedFiles } = await beginSealing(db, {
    eventType,
    bucket,
    fencingToken,
    decision: { rule: 'test' },
  });
  const events = stagedFiles.reduce((sum, file) => sum + file.header.events, 0);
  await commitPartition(db, {
    partitionId,
    fencingToken,
    counts: {
      accepted: events,
      delivered: events,
      duplicates: 0,
      refused: 0,
      conflicts: 0,
      skewed: 0,
    },
    files:
      events === 0
        ? []
        : [
            {
              name: 'part-00000.parquet',
              rows: events,
              bytes: 500,
              sha256: SHA256,
            },
          ],
    manifest:
      events === 0 ? undefined : { path: 'm/manifest.json', sha256: SHA256 },
    ids:
      events === 0
        ? undefined
        : await idsOf(db, {
            eventType,
            path: `${eventType}/${bucket.start.toISOString()}.ids`,
            rows: events,
          }),
    landings: options.landings,
    refusedAtSealing: [],
    sealedAt:
      options.sealedAt ??
      new Date(bucket.start.getTime() + bucket.seconds * 1000 + 2_000),
  });
  return partitionId;
}

/** A UUID made of one number, for event keys and content hashes. */
export function uuid(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** The node types and index names of the plan Postgres chooses. */
export async function explain(
  db: Knex,
  sql: string,
  bindings: Record<string, unknown>,
): Promise<string> {
  const { rows } = await db.raw(
    `EXPLAIN (FORMAT JSON) ${sql}`,
    bindings as Record<string, Knex.RawBinding>,
  );
  return JSON.stringify(rows[0]['QUERY PLAN']);
}

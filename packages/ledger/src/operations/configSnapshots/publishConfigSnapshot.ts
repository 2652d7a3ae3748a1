import { createHash } from 'node:crypto';
import { Knex } from 'knex';
import { inTransaction, queryRows } from '../../database/values';
import { SnapshotEventType, SnapshotWriteKey } from '../../types';

/** @public */
export interface PublishConfigSnapshotOptions {
  bucketSeconds: number;
  eventTypes: SnapshotEventType[];
  writeKeys: SnapshotWriteKey[];
  /** Defaults to the database's clock. */
  now?: Date;
}

/**
 * Makes the given configuration the newest generation.
 *
 * Guarantees: generations are numbered without gaps and never change; content
 * equal to the newest generation (in any order) publishes nothing; concurrent
 * publishers queue, so each sees the one before. In the same transaction a type
 * that appears is marked provisioned and a type that is gone is marked removed,
 * which decides from when and until when it owes a partition per bucket.
 *
 * @public
 */
export async function publishConfigSnapshot(
  db: Knex,
  options: PublishConfigSnapshotOptions,
): Promise<{ generation: number; changed: boolean }> {
  const content = normalise(options);
  const text = JSON.stringify(content);
  const hash = createHash('sha256').update(text).digest('hex');

  return inTransaction(db, async tx => {
    await tx.raw(`SELECT pg_advisory_xact_lock(hashtext('config_snapshots'))`);
    const [newest] = await queryRows<{ generation: number; hash: string }>(
      tx,
      `SELECT generation, content_hash AS hash FROM config_snapshots
       ORDER BY generation DESC LIMIT 1`,
    );
    if (newest?.hash === hash) {
      return { generation: newest.generation, changed: false };
    }
    const generation = (newest?.generation ?? 0) + 1;
    const now = options.now ?? null;
    await tx.raw(
      `INSERT INTO config_snapshots
         (generation, content, content_hash, bucket_seconds, created_at)
       VALUES (:generation, :text, :hash, :bucketSeconds,
         coalesce(:now::timestamptz, now()))`,
      {
        generation,
        text,
        hash,
        bucketSeconds: options.bucketSeconds,
        now,
      },
    );
    await tx.raw(
      `INSERT INTO event_types AS t
         (event_type, tier, provisioned_at, closed_through)
       SELECT name, tier, at, at
       FROM unnest(:names::text[], :tiers::text[]) AS s (name, tier),
         coalesce(:now::timestamptz, now()) AS at
       ON CONFLICT (event_type) DO UPDATE SET
         tier = excluded.tier,
         removed_at = NULL,
         -- A type that was away owes nothing for the time between.
         closed_through = CASE WHEN t.removed_at IS NULL
           THEN t.closed_through
           ELSE greatest(t.closed_through, excluded.closed_through) END`,
      {
        names: content.eventTypes.map(type => type.name),
        tiers: content.eventTypes.map(type => type.tier),
        now,
      },
    );
    await tx.raw(
      `UPDATE event_types
       SET removed_at = coalesce(:now::timestamptz, now())
       WHERE removed_at IS NULL AND event_type <> ALL (:names::text[])`,
      { names: content.eventTypes.map(type => type.name), now },
    );
    return { generation, changed: true };
  });
}

function normalise(options: PublishConfigSnapshotOptions) {
  const { bucketSeconds, eventTypes, writeKeys } = options;
  return {
    bucketSeconds,
    eventTypes: eventTypes
      .map(({ name, tier, version, schema, topic, subscription }) => ({
        name,
        tier,
        version,
        schema: sortKeys(schema),
        topic,
        subscription,
      }))
      .sort((a, b) => compare(a.name, b.name)),
    writeKeys: writeKeys
      .map(({ keyId, secretHash, eventTypes: allowed }) => ({
        keyId,
        secretHash,
        eventTypes: allowed && [...allowed].sort(compare),
      }))
      .sort((a, b) => compare(a.keyId, b.keyId)),
  };
}

function compare(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}

/** JSON with the same meaning must hash the same, whatever its key order. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sortKeys);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => compare(a, b))
        .map(([key, inner]) => [key, sortKeys(inner)]),
    );
  }
  return value;
}

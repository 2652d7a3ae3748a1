import { Knex } from 'knex';
import { inTransaction, queryRows } from '../../database/values';
import { encodeContent, SnapshotContent } from './snapshotContent';

/** Gateways and workers listen here for the number of a new generation. */
export const CONFIG_CHANNEL = 'millrace_config';

/**
 * A transaction in which the configuration may change. They queue, so that what
 * one reads is what the one before has written, write keys included: otherwise a
 * publisher that read the keys before a revocation could publish the revoked key
 * after it.
 */
export async function inSnapshotTransaction<T>(
  db: Knex,
  run: (tx: Knex.Transaction) => Promise<T>,
): Promise<T> {
  return inTransaction(db, async tx => {
    await tx.raw(`SELECT pg_advisory_xact_lock(hashtext('config_snapshots'))`);
    return run(tx);
  });
}

/**
 * Stores content as the newest generation of the present lineage, unless it is
 * that already, and tells those who listen once the transaction is through.
 *
 * Generations count up by one. Only where a lineage begins there may be a gap:
 * its first is above all that a gateway ever reported, so that a number means
 * one snapshot only.
 */
export async function storeGeneration(
  tx: Knex.Transaction,
  content: SnapshotContent,
  now: Date | undefined,
): Promise<{ generation: number; changed: boolean }> {
  const { text, integrity } = encodeContent(content);
  const [newest] = await queryRows<{
    generation: number | null;
    hash: string | null;
    lineage: string | null;
    currentLineage: string;
    highestReported: number;
  }>(
    tx,
    `SELECT s.generation, s.content_hash AS hash, s.lineage,
       l.lineage AS "currentLineage",
       (SELECT coalesce(max(generation), 0) FROM gateways)
         AS "highestReported"
     FROM (
       SELECT lineage FROM ledger_lineage
       ORDER BY began_at DESC, lineage LIMIT 1
     ) AS l
     LEFT JOIN (
       SELECT generation, content_hash, lineage FROM config_snapshots
       ORDER BY generation DESC LIMIT 1
     ) AS s ON true`,
  );
  const { generation: last, currentLineage } = newest;
  const isSameLineage = newest.lineage === currentLineage;
  if (last !== null && isSameLineage && newest.hash === integrity.contentHash) {
    return { generation: last, changed: false };
  }
  const generation =
    1 +
    Math.max(
      last ?? 0,
      last !== null && !isSameLineage ? newest.highestReported : 0,
    );
  await tx.raw(
    `INSERT INTO config_snapshots (generation, content, content_hash,
       event_type_count, write_key_count, lineage, bucket_seconds, created_at)
     VALUES (:generation, :text, :contentHash, :eventTypeCount,
       :writeKeyCount, :currentLineage, :bucketSeconds,
       coalesce(:now::timestamptz, now()))`,
    {
      ...integrity,
      generation,
      text,
      currentLineage,
      bucketSeconds: content.bucketSeconds,
      now: now ?? null,
    },
  );
  await tx.raw('SELECT pg_notify(:channel, :generation)', {
    channel: CONFIG_CHANNEL,
    generation: String(generation),
  });
  return { generation, changed: true };
}

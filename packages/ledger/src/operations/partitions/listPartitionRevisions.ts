import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { PartitionRecord } from '../../types';
import {
  PARTITION_COLUMNS,
  PartitionRow,
  toPartitionRecord,
} from './partitionRow';

/** @public */
export interface PartitionRevisionRecord extends PartitionRecord {
  manifestPath?: string;
  manifestSha256?: string;
}

/**
 * Every revision of a bucket in its order, also one that is being sealed and
 * those that a later one has replaced.
 *
 * @public
 */
export async function listPartitionRevisions(
  db: Knex,
  options: { eventType: string; bucketStart: Date },
): Promise<PartitionRevisionRecord[]> {
  const rows = await queryRows<
    PartitionRow & {
      manifestPath: string | null;
      manifestSha256: string | null;
    }
  >(
    db,
    `SELECT ${PARTITION_COLUMNS}, p.manifest_path AS "manifestPath",
       p.manifest_sha256 AS "manifestSha256"
     FROM partitions p
     WHERE p.event_type = :eventType AND p.bucket_start = :bucketStart
     ORDER BY p.revision`,
    { ...options },
  );
  return rows.map(row => ({
    ...toPartitionRecord(row),
    manifestPath: row.manifestPath ?? undefined,
    manifestSha256: row.manifestSha256 ?? undefined,
  }));
}

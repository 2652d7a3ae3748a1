import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { PartitionFile, PartitionRecord } from '../../types';
import {
  IS_CURRENT,
  PARTITION_COLUMNS,
  PartitionRow,
  toPartitionRecord,
} from './partitionRow';

/** @public */
export interface PartitionDetailRecord extends PartitionRecord {
  files: PartitionFile[];
  manifestPath?: string;
  manifestSha256?: string;
  /** Why the bucket was allowed to close, as given at `beginSealing`. */
  decision: unknown;
  /** Since when the lake may hold it. */
  publishingSince?: Date;
}

/** @public */
export interface GetPartitionOptions {
  eventType: string;
  bucketStart: Date;
  /** Default: the one that readers see. */
  revision?: number;
}

/**
 * One partition with its files, or `undefined`.
 *
 * @public
 */
export async function getPartition(
  db: Knex,
  options: GetPartitionOptions,
): Promise<PartitionDetailRecord | undefined> {
  const [row] = await queryRows<
    PartitionRow & {
      manifestPath: string | null;
      manifestSha256: string | null;
      publishingSince: Date | null;
      decision: unknown;
      files: PartitionFile[];
    }
  >(
    db,
    `SELECT ${PARTITION_COLUMNS}, p.manifest_path AS "manifestPath",
       p.manifest_sha256 AS "manifestSha256", p.decision,
       p.publishing_since AS "publishingSince",
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'name', f.name, 'rows', f.rows, 'bytes', f.bytes,
            'sha256', f.sha256) ORDER BY f.name), '[]')
        FROM partition_files f WHERE f.partition_id = p.partition_id) AS files
     FROM partitions p
     WHERE p.event_type = :eventType AND p.bucket_start = :bucketStart
       AND (p.revision = :revision OR (:revision::integer IS NULL AND ${IS_CURRENT}))
     ORDER BY p.revision DESC LIMIT 1`,
    {
      eventType: options.eventType,
      bucketStart: options.bucketStart,
      revision: options.revision ?? null,
    },
  );
  return (
    row && {
      ...toPartitionRecord(row),
      files: row.files,
      manifestPath: row.manifestPath ?? undefined,
      manifestSha256: row.manifestSha256 ?? undefined,
      decision: row.decision,
      publishingSince: row.publishingSince ?? undefined,
    }
  );
}

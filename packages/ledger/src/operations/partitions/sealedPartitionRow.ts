import { PartitionFile, PartitionRecord } from '../../types';
import {
  PARTITION_COLUMNS,
  PartitionRow,
  toPartitionRecord,
} from './partitionRow';

/** A sealed revision, as programs that read the lake need it. @public */
export interface SealedPartitionRecord extends PartitionRecord {
  /** No later revision of the bucket is sealed. */
  isCurrent: boolean;
  manifestPath?: string;
  manifestSha256?: string;
  files: PartitionFile[];
}

/** SELECT list of a sealed partition; the table must have the alias `p`. */
export const SEALED_PARTITION_COLUMNS = `
  ${PARTITION_COLUMNS}, p.superseded_at IS NULL AS "isCurrent",
  p.manifest_path AS "manifestPath", p.manifest_sha256 AS "manifestSha256",
  (SELECT coalesce(jsonb_agg(jsonb_build_object(
       'name', f.name, 'rows', f.rows, 'bytes', f.bytes,
       'sha256', f.sha256) ORDER BY f.name), '[]')
   FROM partition_files f WHERE f.partition_id = p.partition_id) AS files`;

/** A row of {@link SEALED_PARTITION_COLUMNS}. */
export interface SealedPartitionRow extends PartitionRow {
  isCurrent: boolean;
  manifestPath: string | null;
  manifestSha256: string | null;
  files: PartitionFile[];
}

export function toSealedPartition(
  row: SealedPartitionRow,
): SealedPartitionRecord {
  return {
    ...toPartitionRecord(row),
    isCurrent: row.isCurrent,
    manifestPath: row.manifestPath ?? undefined,
    manifestSha256: row.manifestSha256 ?? undefined,
    files: row.files,
  };
}

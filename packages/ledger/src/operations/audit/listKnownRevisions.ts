import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { PartitionState } from '../../types';

/** What the ledger knows of one revision in the lake. @public */
export interface KnownRevision {
  bucketStart: Date;
  revision: number;
  state: PartitionState;
  /** Names in its folder. */
  files: string[];
}

/**
 * The revisions of an event type in the given buckets, live or not, sealed or
 * being sealed, with the files they are made of.
 *
 * @public
 */
export async function listKnownRevisions(
  db: Knex,
  options: { eventType: string; bucketStarts: Date[] },
): Promise<KnownRevision[]> {
  return queryRows<KnownRevision>(
    db,
    `SELECT p.bucket_start AS "bucketStart", p.revision, p.state,
       ARRAY(SELECT f.name FROM partition_files f
         WHERE f.partition_id = p.partition_id) AS files
     FROM partitions p
     WHERE p.event_type = :eventType
       AND p.bucket_start = ANY (:bucketStarts::timestamptz[])`,
    options,
  );
}

import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** A prepared operation, as far as publishing needs it. @public */
export interface PreparedOperation {
  operationId: string;
  eventType: string;
  /** Oldest bucket first. */
  revisions: {
    bucketStart: Date;
    /** Of the revision that it takes the place of. */
    deliveredBefore: number;
    /** The key of the manifest. */
    manifestPath: string;
    /** Its bytes. */
    manifest: string;
  }[];
}

/**
 * The operation of an event type that is prepared and not finished; there is at
 * most one.
 *
 * @public
 */
export async function readPreparedRevision(
  db: Knex,
  options: { eventType: string },
): Promise<PreparedOperation | undefined> {
  const rows = await queryRows<{
    operationId: string;
    bucketStart: Date;
    deliveredBefore: string;
    manifestPath: string;
    manifest: string;
  }>(
    db,
    `SELECT o.operation_id AS "operationId", c.bucket_start AS "bucketStart",
       p.delivered AS "deliveredBefore",
       c.sealed #>> '{manifest,path}' AS "manifestPath", c.manifest
     FROM revision_operations o JOIN revision_changes c USING (operation_id)
     JOIN partitions p ON p.partition_id = c.from_partition_id
     WHERE o.event_type = :eventType
       AND o.state IN ('previewing', 'previewed', 'running')
       AND o.prepared_at IS NOT NULL
     ORDER BY o.operation_id, c.bucket_start`,
    { eventType: options.eventType },
  );
  return rows.length === 0
    ? undefined
    : {
        operationId: rows[0].operationId,
        eventType: options.eventType,
        revisions: rows.map(({ operationId: _, ...row }) => ({
          ...row,
          deliveredBefore: Number(row.deliveredBefore),
        })),
      };
}

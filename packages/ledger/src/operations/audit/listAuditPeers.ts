import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** @public */
export interface ListAuditPeersOptions {
  partitionId: string;
  /** How far back ids are known. */
  horizonMs: number;
  /** So many that come right before the partition. */
  nearest: number;
  /** So many more, from anywhere in the horizon. */
  further: number;
  /** Between 0 and 1: where in the horizon the further ones are taken from. */
  chance: number;
}

/** A sealed partition that may share no event with another one. @public */
export interface AuditPeer {
  eventType: string;
  bucketStart: Date;
  bucketSeconds: number;
  revision: number;
  bytes: number;
}

/**
 * Earlier live partitions of the same event type and horizon that a partition is
 * compared with for duplicates: those right before it, where retries land most
 * often, and some from further back. Only earlier ones, so that a pair is the
 * matter of its later one alone.
 *
 * @public
 */
export async function listAuditPeers(
  db: Knex,
  options: ListAuditPeersOptions,
): Promise<AuditPeer[]> {
  const { horizonMs, chance, ...rest } = options;
  const rows = await queryRows<Omit<AuditPeer, 'bytes'> & { bytes: string }>(
    db,
    `WITH subject AS (
       SELECT * FROM partitions WHERE partition_id = :partitionId
     ),
     peer AS (
       SELECT p.event_type, p.bucket_start, p.bucket_seconds, p.revision,
         p.bytes
       FROM subject s JOIN partitions p ON p.event_type = s.event_type
         AND p.bucket_start < s.bucket_start AND p.bucket_start
           >= s.bucket_start - :horizonMs * interval '1 millisecond'
       WHERE p.state = 'sealed' AND p.superseded_at IS NULL AND p.delivered > 0
     ),
     near AS (
       SELECT * FROM peer ORDER BY bucket_start DESC LIMIT :nearest
     ),
     far AS (
       SELECT * FROM peer
       WHERE bucket_start NOT IN (SELECT bucket_start FROM near)
       ORDER BY bucket_start
       OFFSET floor(:chance::float8 * greatest(0, (SELECT count(*) FROM peer)
         - (SELECT count(*) FROM near) - :further::integer + 1))
       LIMIT :further
     )
     SELECT event_type AS "eventType", bucket_start AS "bucketStart",
       bucket_seconds AS "bucketSeconds", revision, bytes
     FROM (SELECT * FROM near UNION ALL SELECT * FROM far) chosen
     ORDER BY bucket_start`,
    { ...rest, horizonMs, chance },
  );
  return rows.map(row => ({ ...row, bytes: Number(row.bytes) }));
}

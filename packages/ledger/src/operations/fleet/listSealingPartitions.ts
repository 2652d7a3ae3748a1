import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { Bucket, Tier } from '../../types';

/** A partition that is being sealed. @public */
export interface SealingPartition {
  eventType: string;
  tier: Tier;
  bucket: Bucket;
  revision: number;
  /** When its staged set was frozen. */
  beganAt: Date;
  /** Since when it may be in the lake; missing while its files are made. */
  publishingSince?: Date;
  /** Who holds the right to seal the type; missing when nobody does. */
  worker?: string;
}

/** @public */
export interface SealingPartitions {
  /** Begun first, first. */
  items: SealingPartition[];
  total: number;
}

/**
 * What is being sealed, or was begun and is waiting for its next try, of all
 * given event types in one statement.
 *
 * @param options - `eventTypes`: `undefined` is all
 *
 * @public
 */
export async function listSealingPartitions(
  db: Knex,
  options: { eventTypes?: string[]; limit: number },
): Promise<SealingPartitions> {
  const rows = await queryRows<
    Omit<SealingPartition, 'bucket' | 'publishingSince' | 'worker'> & {
      bucketStart: Date;
      bucketSeconds: number;
      publishingSince: Date | null;
      worker: string | null;
      total: number;
    }
  >(
    db,
    `SELECT p.event_type AS "eventType", t.tier,
       p.bucket_start AS "bucketStart", p.bucket_seconds AS "bucketSeconds",
       p.revision, p.began_at AS "beganAt",
       p.publishing_since AS "publishingSince", l.holder AS worker,
       count(*) OVER ()::integer AS total
     FROM partitions p JOIN event_types t USING (event_type)
     LEFT JOIN leases l ON l.resource = 'seal:' || p.event_type
       AND l.expires_at > now()
     WHERE p.state = 'sealing'
       AND (:eventTypes::text[] IS NULL
         OR p.event_type = ANY (:eventTypes::text[]))
     ORDER BY p.began_at, p.event_type, p.bucket_start LIMIT :limit`,
    { eventTypes: options.eventTypes ?? null, limit: options.limit },
  );
  return {
    items: rows.map(
      ({ bucketStart, bucketSeconds, publishingSince, worker, ...row }) => ({
        eventType: row.eventType,
        tier: row.tier,
        bucket: { start: bucketStart, seconds: bucketSeconds },
        revision: row.revision,
        beganAt: row.beganAt,
        publishingSince: publishingSince ?? undefined,
        worker: worker ?? undefined,
      }),
    ),
    total: rows[0]?.total ?? 0,
  };
}

import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { MissingEvents } from './missingFrom';

/** An order to close a bucket although something is missing. @public */
export interface ForcedClosing {
  reason: string;
  /** Entity reference of the person. */
  requestedBy: string;
  requestedAt: Date;
  /** What was missing when it was ordered. */
  missing: MissingEvents;
}

/**
 * The order to close a bucket, if there is one.
 *
 * @public
 */
export async function readForcedClosing(
  db: Knex,
  options: { eventType: string; bucketStart: Date },
): Promise<ForcedClosing | undefined> {
  const [row] = await queryRows<ForcedClosing>(
    db,
    `SELECT reason, requested_by AS "requestedBy",
       requested_at AS "requestedAt", missing
     FROM forced_closings
     WHERE event_type = :eventType AND bucket_start = :bucketStart`,
    { eventType: options.eventType, bucketStart: options.bucketStart },
  );
  return row;
}

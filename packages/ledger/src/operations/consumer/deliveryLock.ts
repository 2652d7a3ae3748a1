import { Knex } from 'knex';

/*
 * The lock between staging and sealing.
 *
 * Recording a batch decides where it lands by looking at which buckets are
 * already sealing; starting to seal freezes what has landed. The two must not
 * overlap, or a batch could land in a bucket after its set was frozen and never
 * be sealed. The lock is per event type, not per bucket: choosing the next open
 * bucket would otherwise mean taking further locks while holding some, and with
 * that deadlocks. Recorders share it, so they never wait for each other; the
 * freeze, a few milliseconds, takes it alone. Other types are not touched.
 */

const LOCK_KEY = `hashtextextended('delivery:' || event_type, 0)`;

/** Taken by recorders of batches, for all types of a call, in one order. */
export async function lockForStaging(
  tx: Knex.Transaction,
  eventTypes: string[],
): Promise<void> {
  await tx.raw(
    `SELECT pg_advisory_xact_lock_shared(${LOCK_KEY})
     FROM unnest(?::text[]) AS t (event_type)`,
    [[...new Set(eventTypes)].sort()],
  );
}

/** Taken by the sealer while it freezes the staged set of a bucket. */
export async function lockForFreezing(
  tx: Knex.Transaction,
  eventType: string,
): Promise<void> {
  await tx.raw(
    `SELECT pg_advisory_xact_lock(${LOCK_KEY})
     FROM (VALUES (?::text)) AS t (event_type)`,
    [eventType],
  );
}

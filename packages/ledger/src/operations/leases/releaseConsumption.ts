import { Knex } from 'knex';

/**
 * Hands event types back: nothing of them is in hand any more, and another
 * consumer may take them at once. Types that have passed to another consumer
 * meanwhile are left alone.
 *
 * @public
 */
export async function releaseConsumption(
  db: Knex,
  options: { session: string; eventTypes: string[] },
): Promise<void> {
  await db.raw(
    `UPDATE consumption_leases SET holder = NULL
     WHERE holder = :session AND event_type = ANY (:eventTypes::text[])`,
    { session: options.session, eventTypes: options.eventTypes },
  );
}

import { Knex } from 'knex';
import { inTransaction } from '../../database/values';

/** @public */
export interface JoinConsumersOptions {
  worker: string;
  /** A UUID of this life of the consumer. */
  session: string;
  leaseMs: number;
  /**
   * End the earlier lives of the worker at once: a restarted worker takes over
   * from its dead self. Leave it off after having been ended that way: two
   * processes under one name would else end each other for ever.
   */
  replace: boolean;
}

/**
 * Makes a consumer one of those that share the event types. It holds none yet.
 * Time is the database's.
 *
 * @public
 */
export async function joinConsumers(
  db: Knex,
  options: JoinConsumersOptions,
): Promise<void> {
  const { worker, session, leaseMs, replace } = options;
  await inTransaction(db, async tx => {
    await tx.raw(
      `DELETE FROM consumers
       WHERE (worker = :worker AND :replace)
         OR lease_expires_at < now() - interval '1 hour'`,
      { worker, replace },
    );
    await tx.raw(
      `INSERT INTO consumers (session, worker, joined_at, lease_expires_at)
       VALUES (:session, :worker, clock_timestamp(),
         now() + :leaseMs * interval '1 millisecond')`,
      { session, worker, leaseMs },
    );
  });
}

import { Knex } from 'knex';
import { inTransaction, queryCount, queryRows } from '../../database/values';

/** Sealing waits behind the lock as long as this at most. */
const LOCK_TIMEOUT_MS = 2_000;

/** @public */
export interface RegisterSinkOptions {
  sink: string;
  /** The event types it is for. Default: all. */
  eventTypes?: string[];
}

/**
 * Says that a sink is run, and for which event types. From the first time on,
 * every revision of theirs that is sealed gets a row for it; those sealed before
 * get theirs here, the newest revision of each bucket. To be repeated now and
 * then: a sink that was not seen for 31 days collects no more, and catches up
 * when it is seen again. It also catches up when its event types change; what
 * had not been loaded of those it is no longer for is forgotten.
 *
 * Guarantees: none is missed. The sink becomes known under a lock that no
 * running commit of a partition outlives, so each commit either is seen by the
 * catching up or makes its row itself. The lock is held for one insert. A crash
 * after it leaves the sink known and not caught up; the next call does that.
 *
 * @returns how many rows catching up made
 * @public
 */
export async function registerSink(
  db: Knex,
  options: RegisterSinkOptions,
): Promise<{ caughtUp: number }> {
  const { sink } = options;
  // In order, so that the same ones are the same list.
  const eventTypes = options.eventTypes?.slice().sort() ?? null;
  const [known] = await queryRows<{ isCaughtUp: boolean }>(
    db,
    `UPDATE sinks SET seen_at = now()
     WHERE sink = :sink AND seen_at > now() - interval '31 days'
       AND event_types IS NOT DISTINCT FROM :eventTypes::text[]
     RETURNING caught_up_at IS NOT NULL AS "isCaughtUp"`,
    { sink, eventTypes },
  );
  if (known?.isCaughtUp) {
    return { caughtUp: 0 };
  }
  if (!known) {
    await inTransaction(db, async tx => {
      await tx.raw(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
      await tx.raw('LOCK TABLE partitions IN SHARE ROW EXCLUSIVE MODE');
      await tx.raw(
        `INSERT INTO sinks (sink, seen_at, event_types)
         VALUES (:sink, now(), :eventTypes::text[])
         ON CONFLICT (sink) DO UPDATE SET seen_at = now(),
           caught_up_at = NULL, event_types = excluded.event_types`,
        { sink, eventTypes },
      );
    });
  }
  await db.raw(
    `DELETE FROM sink_loads
     WHERE sink = :sink AND state IN ('pending', 'failed')
       AND event_type <> ALL (:eventTypes::text[])`,
    { sink, eventTypes },
  );
  const caughtUp = await queryCount(
    db,
    `INSERT INTO sink_loads
       (sink, partition_id, event_type, bucket_start, revision)
     SELECT :sink, partition_id, event_type, bucket_start, revision
     FROM partitions WHERE state = 'sealed' AND superseded_at IS NULL
       AND (:eventTypes::text[] IS NULL
         OR event_type = ANY (:eventTypes::text[]))
     ON CONFLICT DO NOTHING`,
    { sink, eventTypes },
  );
  await db.raw(`UPDATE sinks SET caught_up_at = now() WHERE sink = :sink`, {
    sink,
  });
  return { caughtUp };
}

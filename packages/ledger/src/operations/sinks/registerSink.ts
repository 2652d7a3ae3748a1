import { Knex } from 'knex';
import { inTransaction, queryCount, queryRows } from '../../database/values';

/** Sealing waits behind the lock as long as this at most. */
const LOCK_TIMEOUT_MS = 2_000;

/**
 * Says that a sink is run. From the first time on, every revision that is sealed
 * gets a row for it; those sealed before get theirs here, the newest revision
 * of each bucket. To be repeated now and then: a sink that was not seen for 31
 * days collects no more, and catches up when it is seen again.
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
  options: { sink: string },
): Promise<{ caughtUp: number }> {
  const { sink } = options;
  const [known] = await queryRows<{ isCaughtUp: boolean }>(
    db,
    `UPDATE sinks SET seen_at = now()
     WHERE sink = :sink AND seen_at > now() - interval '31 days'
     RETURNING caught_up_at IS NOT NULL AS "isCaughtUp"`,
    { sink },
  );
  if (known?.isCaughtUp) {
    return { caughtUp: 0 };
  }
  if (!known) {
    await inTransaction(db, async tx => {
      await tx.raw(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
      await tx.raw('LOCK TABLE partitions IN SHARE ROW EXCLUSIVE MODE');
      await tx.raw(
        `INSERT INTO sinks (sink, seen_at) VALUES (:sink, now())
         ON CONFLICT (sink)
         DO UPDATE SET seen_at = now(), caught_up_at = NULL`,
        { sink },
      );
    });
  }
  const caughtUp = await queryCount(
    db,
    `INSERT INTO sink_loads
       (sink, partition_id, event_type, bucket_start, revision)
     SELECT :sink, partition_id, event_type, bucket_start, revision
     FROM partitions WHERE state = 'sealed' AND superseded_at IS NULL
     ON CONFLICT DO NOTHING`,
    { sink },
  );
  await db.raw(`UPDATE sinks SET caught_up_at = now() WHERE sink = :sink`, {
    sink,
  });
  return { caughtUp };
}

import { Knex } from 'knex';
import { inTransaction, storableName } from '../../database/values';
import { epochStartedAt } from './epochStartedAt';

/** What a producer says it gave up; `Drop` of the SDK. @public */
export interface ReportedDrop {
  producer: string;
  /** The epoch the dropped events belong to, not that of the report. */
  epoch: string;
  firstSequence: number;
  lastSequence: number;
  /** At most as many as the range has numbers. */
  events: number;
  reason: string;
  /** Key of the event that reports it, in UUID form: reports may come twice. */
  reportKey: string;
  reportedAt: Date | string;
}

/** @public */
export interface RecordDropsOptions {
  /** The event type the reports came as. */
  eventType: string;
  drops: ReportedDrop[];
  /** Defaults to the database's clock. */
  now?: Date;
}

const ROWS_SQL = `
  SELECT * FROM jsonb_to_recordset(:rows::jsonb) AS r (producer text,
    epoch text, "epochStartedAt" timestamptz, "firstSequence" bigint,
    "lastSequence" bigint, events bigint, reason text, "reportKey" uuid,
    "reportedAt" timestamptz)`;

/**
 * Records what producers report as dropped. The same report again changes
 * nothing. A number that was reported as dropped and arrives all the same counts
 * as arrived.
 *
 * @public
 */
export async function recordDrops(
  db: Knex,
  options: RecordDropsOptions,
): Promise<void> {
  const { eventType, drops, now } = options;
  if (drops.length === 0) {
    return;
  }
  const bindings = {
    eventType,
    now: now ?? null,
    rows: JSON.stringify(
      drops.map(drop => ({
        ...drop,
        reason: storableName(drop.reason),
        epochStartedAt: epochStartedAt(drop.epoch),
      })),
    ),
  };
  await inTransaction(db, async tx => {
    await tx.raw(
      `INSERT INTO producer_epochs AS e (producer, epoch, counts_from,
         known_through, first_seen_at, last_seen_at, accounted_at)
       SELECT producer, epoch,
         CASE WHEN max("epochStartedAt") >= greatest(
             (SELECT min(began_at) FROM books),
             coalesce(:now::timestamptz, now()) - interval '62 days')
           THEN 1 ELSE min("firstSequence") END,
         max("lastSequence"), min("reportedAt"), max("reportedAt"),
         coalesce(:now::timestamptz, now())
       FROM (${ROWS_SQL}) r
       GROUP BY producer, epoch ORDER BY producer, epoch
       ON CONFLICT (producer, epoch) DO UPDATE SET
         counts_from = least(e.counts_from, excluded.counts_from),
         known_through = greatest(e.known_through, excluded.known_through),
         accounted_at = greatest(e.accounted_at, excluded.accounted_at)`,
      bindings,
    );
    // So that an epoch that lost everything is listed as well.
    await tx.raw(
      `INSERT INTO producer_types (event_type, producer, epoch, last_seen_at)
       SELECT :eventType, producer, epoch, max("reportedAt")
       FROM (${ROWS_SQL}) r GROUP BY producer, epoch
       ON CONFLICT DO NOTHING`,
      bindings,
    );
    await tx.raw(
      `INSERT INTO producer_drops (producer, epoch, report_key,
         first_sequence, last_sequence, events, reason, reported_at)
       SELECT DISTINCT ON (producer, epoch, "reportKey") producer, epoch,
         "reportKey", "firstSequence", "lastSequence", events, reason,
         "reportedAt"
       FROM (${ROWS_SQL}) r
       ON CONFLICT DO NOTHING`,
      bindings,
    );
  });
}

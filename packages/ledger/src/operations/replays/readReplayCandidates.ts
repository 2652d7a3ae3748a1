import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { replaySelectionSql, ReplaySelectionOptions } from './replaySelection';

/** A refused event that may be replayed. @public */
export interface ReplayCandidate {
  refusalId: string;
  receivedAt: Date;
  /** The raw text. */
  event: string;
  truncated: boolean;
}

/**
 * The events a replay would select, with their content, oldest first, a page
 * at a time.
 *
 * @public
 */
export async function readReplayCandidates(
  db: Knex,
  options: ReplaySelectionOptions & {
    /** Continue after this one of the page before. */
    after?: { receivedAt: Date; refusalId: string };
    limit: number;
  },
): Promise<ReplayCandidate[]> {
  const { after, limit } = options;
  const { sql, bindings } = replaySelectionSql(options);
  return queryRows<ReplayCandidate>(
    db,
    `SELECT r.refusal_id AS "refusalId", r.received_at AS "receivedAt", r.event,
       r.truncated
     FROM refused_events r
     WHERE ${sql}
       ${
         after
           ? 'AND (r.received_at, r.refusal_id) > (:afterAt, :afterId::uuid)'
           : ''
       }
     ORDER BY r.received_at, r.refusal_id LIMIT :limit`,
    {
      ...bindings,
      limit,
      ...(after && { afterAt: after.receivedAt, afterId: after.refusalId }),
    },
  );
}

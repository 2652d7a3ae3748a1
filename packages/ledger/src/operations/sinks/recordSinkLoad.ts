import { Knex } from 'knex';
import { queryCount } from '../../database/values';

/** What was found about an attempt. @public */
export type SinkLoadOutcome =
  | { state: 'loading'; lookAgainMs: number }
  | { state: 'loaded'; rows: number }
  | { state: 'failed'; reason: string; message: string; retryMs: number };

/** @public */
export interface RecordSinkLoadOptions {
  sink: string;
  partitionId: string;
  /** As given by `beginSinkLoad`; 0 for what failed before it. */
  attempt: number;
  outcome: SinkLoadOutcome;
}

/**
 * Records what became of an attempt. `false`, and nothing changes, when a later
 * attempt was begun or the end of this one is known.
 *
 * @public
 */
export async function recordSinkLoad(
  db: Knex,
  options: RecordSinkLoadOptions,
): Promise<boolean> {
  const { sink, partitionId, attempt, outcome } = options;
  const changed = await queryCount(
    db,
    `UPDATE sink_loads SET state = :state, reason = :reason, message = :message,
       rows = :rows::bigint,
       loaded_at = CASE WHEN :state = 'loaded' THEN now() END,
       failures = CASE :state WHEN 'failed' THEN failures + 1
         WHEN 'loaded' THEN 0 ELSE failures END,
       next_look_at = now() + :waitMs * interval '1 millisecond'
     WHERE sink = :sink AND partition_id = :partitionId AND attempt = :attempt
       AND state IN ('pending', 'loading', 'failed')`,
    {
      sink,
      partitionId,
      attempt,
      state: outcome.state,
      reason: outcome.state === 'failed' ? outcome.reason : null,
      message: outcome.state === 'failed' ? outcome.message : null,
      rows: outcome.state === 'loaded' ? outcome.rows : null,
      waitMs: waitOf(outcome),
    },
  );
  return changed > 0;
}

function waitOf(outcome: SinkLoadOutcome): number {
  switch (outcome.state) {
    case 'loading':
      return outcome.lookAgainMs;
    case 'failed':
      return outcome.retryMs;
    default:
      return 0;
  }
}

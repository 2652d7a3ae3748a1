import { Knex } from 'knex';
import { queryCount } from '../../database/values';
import { REMOVAL_STEPS, RemovalStep } from './removalTypes';

/** @public */
export interface FinishRemovalStepOptions {
  eventType: string;
  step: RemovalStep;
}

/**
 * Says that a step of a removal is done. Idempotent: the first time counts. A
 * step whose predecessor is not done is refused by the table.
 *
 * @returns whether it was not done before
 * @public
 */
export async function finishRemovalStep(
  db: Knex,
  options: FinishRemovalStepOptions,
): Promise<boolean> {
  // Of a closed list, so it may name a column.
  const step = REMOVAL_STEPS.find(each => each === options.step)!;
  const column = `${step}_at`;
  const updated = await queryCount(
    db,
    `UPDATE removals SET ${column} = now(),
       waiting_code = NULL, waiting_message = NULL, waiting_since = NULL
     WHERE event_type = :eventType AND ${column} IS NULL`,
    { eventType: options.eventType },
  );
  return updated === 1;
}

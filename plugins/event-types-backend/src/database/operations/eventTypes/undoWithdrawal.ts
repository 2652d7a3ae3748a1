import type { Knex } from 'knex';
import type { EventTypesRow } from '../../tables';

/**
 * Takes the mark of a withdrawal away.
 *
 * @returns false, and nothing was written, when it was not withdrawn or its
 * removal has begun: of this and {@link beginRemovals} only one succeeds
 */
export async function undoWithdrawal(
  tx: Knex.Transaction,
  options: { name: string; by: string },
): Promise<boolean> {
  const undone = await tx<EventTypesRow>('event_types')
    .where({ name: options.name })
    .whereNotNull('withdrawn_at')
    .whereNull('removal_began_at')
    .update({
      withdrawn_at: null,
      withdrawn_by: null,
      withdrawal_reason: null,
      withdrawal_ends_at: null,
      generation: tx.raw('generation + 1'),
      updated_at: tx.raw('now()'),
      updated_by: options.by,
    });
  return undone === 1;
}

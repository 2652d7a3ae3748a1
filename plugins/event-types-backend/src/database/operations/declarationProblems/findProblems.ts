import type { DeclarationProblem } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import type { DeclarationProblemsRow } from '../../tables';

/** What is wrong with the declarations of an event type. */
export async function findProblems(
  db: Knex,
  options: { eventType: string },
): Promise<DeclarationProblem[]> {
  const rows = await db<DeclarationProblemsRow>('declaration_problems')
    .where({ event_type: options.eventType })
    .orderBy('entity_ref')
    .select('problems');
  return rows.flatMap(row => row.problems);
}

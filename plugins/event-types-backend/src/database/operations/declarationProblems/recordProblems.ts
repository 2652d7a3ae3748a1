import type { DeclarationProblem } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import { storableText } from './storableText';

/** Records what is wrong with a declaration, replacing what was recorded. */
export async function recordProblems(
  db: Knex,
  options: {
    entityRef: string;
    eventType: string;
    location?: string;
    problems: DeclarationProblem[];
    at: Date;
  },
): Promise<void> {
  await db('declaration_problems')
    .insert({
      entity_ref: storableText(options.entityRef),
      event_type: storableText(options.eventType),
      location: options.location ? storableText(options.location) : null,
      problems: JSON.stringify(options.problems),
      recorded_at: options.at,
    })
    .onConflict('entity_ref')
    .merge();
}

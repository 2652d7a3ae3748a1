import type { Knex } from 'knex';
import { storableText } from './storableText';
import type { DeclarationProblemsRow } from '../../tables';

/** Forgets the problems of every declaration except the given ones. */
export async function keepProblemsOf(
  db: Knex,
  options: { entityRefs: string[] },
): Promise<void> {
  await db<DeclarationProblemsRow>('declaration_problems')
    .whereNotIn('entity_ref', options.entityRefs.map(storableText))
    .delete();
}

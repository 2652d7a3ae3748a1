import type { MajorVersion } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import type { MajorVersionsRow, MajorVersionStepsRow } from '../../tables';

/**
 * The move from or to an event type: the one under way, or else the refused one
 * that was asked for last.
 */
export async function findMajor(
  db: Knex,
  where: { predecessor: string } | { successor: string },
): Promise<(MajorVersion & { id: string }) | undefined> {
  const row = await db<MajorVersionsRow>('major_versions')
    .where(where)
    .orderByRaw(
      `(state = 'refused'),
       (select max(at) from major_version_steps where major = id) desc`,
    )
    .first();
  if (!row) {
    return undefined;
  }
  const steps = await db<MajorVersionStepsRow>('major_version_steps')
    .where({ major: row.id })
    .orderBy('at');
  const { id, predecessor, successor, state, reason, schema, fields } = row;
  return {
    id,
    predecessor,
    successor,
    state,
    reason,
    schema,
    fields,
    steps: steps.map(step => ({
      state: step.state,
      at: step.at.toISOString(),
      by: step.by,
      note: step.note ?? undefined,
    })),
  };
}

import type { MajorState } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import type { MajorVersionsRow, MajorVersionStepsRow } from '../../tables';

/**
 * Brings a move to its next state and records who did it. The event type it
 * comes from must be locked.
 */
export async function recordStep(
  tx: Knex.Transaction,
  options: {
    major: string;
    state: MajorState;
    at: Date;
    by: string;
    note?: string;
  },
): Promise<void> {
  const { major, state, at, by, note = null } = options;
  await tx<MajorVersionsRow>('major_versions')
    .where({ id: major })
    .update({ state });
  await tx<MajorVersionStepsRow>('major_version_steps').insert({
    major,
    state,
    at,
    by,
    note,
  });
}

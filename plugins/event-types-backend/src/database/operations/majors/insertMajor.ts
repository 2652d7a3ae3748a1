import type { FieldSummary } from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import type { MajorVersionsRow } from '../../tables';

/**
 * Records the request for a new major version.
 *
 * @returns its id, or `undefined` when one is under way already
 */
export async function insertMajor(
  tx: Knex.Transaction,
  options: {
    predecessor: string;
    successor: string;
    reason: string;
    schema: unknown;
    fields: FieldSummary[];
  },
): Promise<string | undefined> {
  const [row] = await tx<MajorVersionsRow>('major_versions')
    .insert({
      predecessor: options.predecessor,
      successor: options.successor,
      state: 'requested',
      reason: options.reason,
      schema: JSON.stringify(options.schema),
      fields: tx.raw('?::json', [JSON.stringify(options.fields)]),
    })
    .onConflict()
    .ignore()
    .returning('id');
  return row?.id;
}

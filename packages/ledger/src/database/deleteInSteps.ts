import { Knex } from 'knex';
import { queryCount } from './values';

/** Some tenths of a second of work: far below any statement timeout. */
const ROWS_PER_STEP = 10_000;

/**
 * Deletes rows, however many, a bounded number at a time. One statement for
 * millions of rows would hold its locks and its snapshot for minutes, and do all
 * of it again after a crash. Gives the number of rows.
 *
 * `table` and `where` are SQL of the caller's; values belong into `bindings`.
 */
export async function deleteInSteps(
  db: Knex,
  options: {
    table: string;
    where: string;
    bindings: Record<string, unknown>;
    rowsPerStep?: number;
  },
): Promise<number> {
  const { table, where, bindings, rowsPerStep = ROWS_PER_STEP } = options;
  let deleted = 0;
  for (;;) {
    const step = await queryCount(
      db,
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM ${table} WHERE ${where} LIMIT :rowsPerStep
       ))`,
      { ...bindings, rowsPerStep },
    );
    deleted += step;
    if (step < rowsPerStep) {
      return deleted;
    }
  }
}

import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/**
 * The id of this installation: that of the ledger's first lineage, which a
 * restored ledger keeps. What it makes elsewhere is marked with it.
 *
 * @public
 */
export async function readInstallation(db: Knex): Promise<string> {
  const [{ lineage }] = await queryRows<{ lineage: string }>(
    db,
    `SELECT lineage FROM ledger_lineage
     ORDER BY reason = 'created' DESC, began_at, lineage LIMIT 1`,
  );
  return lineage;
}

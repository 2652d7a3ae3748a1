import type { Knex } from 'knex';
import type { ContractsRow } from './contracts';

/** Forgets the imported contract; false when there was none. */
export async function deleteContract(
  db: Knex,
  options: { eventType: string },
): Promise<boolean> {
  const deleted = await db<ContractsRow>('contracts')
    .where({ event_type: options.eventType })
    .delete();
  return deleted > 0;
}

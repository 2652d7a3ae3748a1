import type { Knex } from 'knex';
import type { ContractsRow } from './contracts';

/** The imported contract of an event type, if there is one. */
export async function findContract(
  db: Knex,
  options: { eventType: string },
): Promise<ContractsRow | undefined> {
  return await db<ContractsRow>('contracts')
    .where({ event_type: options.eventType })
    .first();
}

import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { FencingError } from '../../errors';

/** Under which claim a consumer works on an event type. @public */
export interface ConsumptionClaim {
  eventType: string;
  fencingToken: bigint;
}

/**
 * Checks inside a transaction that a claim on an event type is still the newest,
 * and keeps it so until the transaction ends. Throws {@link FencingError}
 * otherwise.
 */
export async function assertConsumption(
  tx: Knex.Transaction,
  claim: ConsumptionClaim,
): Promise<void> {
  const { eventType, fencingToken } = claim;
  const rows = await queryRows(
    tx,
    `SELECT 1 FROM consumption_leases
     WHERE event_type = :eventType AND fencing_token = :fencingToken
     FOR SHARE`,
    { eventType, fencingToken: String(fencingToken) },
  );
  if (rows.length === 0) {
    throw new FencingError(`the consumption of ${eventType}`, fencingToken);
  }
}

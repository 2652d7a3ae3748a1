import { Knex } from 'knex';
import { heartbeatGateway } from './heartbeatGateway';

/** @public */
export interface RegisterGatewayOptions {
  gateway: string;
  epoch: string;
  startedAt: Date;
  url: string;
  pid: number;
  /** How long the gateway counts as alive without a further heartbeat. */
  leaseMs: number;
  /** Defaults to the database's clock. */
  now?: Date;
}

/**
 * Announces a new life of a gateway. Idempotent per (gateway, epoch). From now
 * on no bucket it is alive in closes before it has declared its batches or its
 * lease has run out.
 *
 * @public
 */
export async function registerGateway(
  db: Knex,
  options: RegisterGatewayOptions,
): Promise<void> {
  await heartbeatGateway(db, options);
}

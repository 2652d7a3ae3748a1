import {
  type GatewayRecord,
  listGateways,
  readNewestGeneration,
} from '@millrace/ledger';
import type { Knex } from 'knex';

/** A gateway without a heartbeat for so long has no lease left. */
const GATEWAYS_SINCE_MS = 60 * 60_000;

/**
 * A gateway that is alive, by preference one that has said that it runs the
 * newest config snapshot. Gateways say so with a delay and run it sooner; one
 * that does not know a new write key yet says that too, and is asked again.
 */
export async function chooseGateway(options: {
  ledger: Knex;
  now: () => Date;
  random: () => number;
}): Promise<GatewayRecord | undefined> {
  const { ledger, now, random } = options;
  const [{ generation }, gateways] = await Promise.all([
    readNewestGeneration(ledger),
    listGateways(ledger, {
      activeSince: new Date(now().getTime() - GATEWAYS_SINCE_MS),
    }),
  ]);
  const alive = gateways.filter(gateway => gateway.alive);
  const current = alive.filter(gateway => gateway.generation === generation);
  const choice = current.length > 0 ? current : alive;
  return choice[Math.floor(random() * choice.length)];
}

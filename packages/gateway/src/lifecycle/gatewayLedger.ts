import {
  ConfigSnapshot,
  declareBucket,
  endGateway,
  heartbeatGateway,
  readConfigSnapshot,
} from '@millrace/ledger';
import type { Knex } from 'knex';
import { Clock, withTimeout } from '../clock';
import { Declaration } from './bucketBook';

/** The few things a gateway says to the ledger, and the one it asks. */
export interface GatewayLedger {
  readSnapshot(newerThan: number): Promise<ConfigSnapshot | undefined>;
  heartbeat(generation: number | undefined): Promise<void>;
  declare(declaration: Declaration): Promise<void>;
  end(endedAt: Date): Promise<void>;
}

/** Who is speaking. */
export interface GatewayIdentity {
  gateway: string;
  epoch: string;
  startedAt: Date;
  url: string;
  pid: number;
}

/**
 * How long the gateway counts as alive without a heartbeat: several heartbeats
 * long, so that a short pause of the database or of this process is not taken
 * for its death.
 */
const LEASE_MS = 15_000;

/**
 * A call that hangs, for example on a connection whose other end is gone, is
 * given up and repeated later. All of them may be repeated.
 */
const CALL_TIMEOUT_MS = 10_000;

export function createGatewayLedger(
  db: Knex,
  identity: GatewayIdentity,
  clock: Clock,
): GatewayLedger {
  const { gateway, epoch } = identity;
  const bounded = <T>(promise: Promise<T>) =>
    withTimeout(clock, CALL_TIMEOUT_MS, 'The ledger', promise);
  return {
    readSnapshot: newerThan => bounded(readConfigSnapshot(db, { newerThan })),
    heartbeat: generation =>
      bounded(
        heartbeatGateway(db, { ...identity, leaseMs: LEASE_MS, generation }),
      ),
    declare: ({ bucket, counts }) =>
      bounded(declareBucket(db, { gateway, epoch, bucket, counts })),
    end: endedAt => bounded(endGateway(db, { gateway, epoch, endedAt })),
  };
}

import {
  compareConfigSnapshot,
  declareBucket,
  endGateway,
  heartbeatGateway,
  readConfigSnapshot,
  recordWriteKeyUses,
} from '@millrace/ledger';
import type { Knex } from 'knex';
import type { KeyUse } from '../access';
import { Clock, withTimeout } from '../clock';
import type { SnapshotSource } from '../snapshot';
import { Declaration } from './bucketBook';

/** The few things a gateway says to the ledger, and the one it asks. */
export interface GatewayLedger extends SnapshotSource {
  /**
   * @param checkedAt - when the generation was last known to be the newest
   * @returns what time it is for the ledger
   */
  heartbeat(
    generation: number | undefined,
    checkedAt: Date | undefined,
  ): Promise<Date>;
  recordKeyUses(uses: KeyUse[]): Promise<void>;
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
    compareSnapshot: running => bounded(compareConfigSnapshot(db, running)),
    readSnapshot: () => bounded(readConfigSnapshot(db)),
    heartbeat: async (generation, snapshotCheckedAt) => {
      const { ledgerNow } = await bounded(
        heartbeatGateway(db, {
          ...identity,
          leaseMs: LEASE_MS,
          generation,
          snapshotCheckedAt,
        }),
      );
      return ledgerNow;
    },
    recordKeyUses: uses =>
      bounded(recordWriteKeyUses(db, { gateway, epoch, uses })),
    declare: ({ bucket, counts }) =>
      bounded(declareBucket(db, { gateway, epoch, bucket, counts })),
    end: endedAt => bounded(endGateway(db, { gateway, epoch, endedAt })),
  };
}

import { claimLease, pruneRefusedEvents } from '@millrace/ledger';
import { Knex } from 'knex';
import { Clock } from './clock';
import { Logger } from './logger';

/*
 * Forgetting refused events.
 *
 * A deletion cannot be taken back, and whether an event is old is only known by
 * a clock. Clocks jump: a wrong date at boot, a restored machine, a mistyped
 * setting. So the cut-off does not follow the clock. It moves forward by what
 * was lived through, told by the monotonic clock of this process, and no more
 * than twice that: enough to catch up after an outage, and with a clock that is
 * five years ahead the first run deletes nothing and the next ones next to
 * nothing, each saying so, until a person has looked.
 */

/** Catches up on a day without workers within a day. */
const CATCH_UP = 2;

/** Beyond what a busy day makes it lag: then somebody should look. */
const ALERT_HELD_BACK_MS = 24 * 60 * 60_000;

/** Longer than two runs are apart, so that one worker goes on doing it. */
const LEASE_MS = 60 * 60_000;

/** @internal */
export interface RefusedRetentionOptions {
  ledger: Knex;
  workerId: string;
  retentionMs: number;
  clock: Clock;
  /** Monotonic, in ms. */
  monotonicMs: () => number;
  logger: Logger;
}

/** Gives the function to be run now and then. @internal */
export function createRefusedRetention(options: RefusedRetentionOptions) {
  const { ledger, workerId, retentionMs, clock, monotonicMs, logger } = options;
  let lastRunAt: number | undefined;

  return async (): Promise<void> => {
    const lease = await claimLease(ledger, {
      resource: 'prune:refused-events',
      holder: workerId,
      leaseMs: LEASE_MS,
    });
    if (!lease) {
      // Time that another worker has lived through is that worker's.
      lastRunAt = undefined;
      return;
    }
    const now = monotonicMs();
    const livedMs = lastRunAt === undefined ? 0 : now - lastRunAt;
    const { pruned, heldBackMs } = await pruneRefusedEvents(ledger, {
      before: new Date(clock().getTime() - retentionMs),
      maxAdvanceMs: livedMs * CATCH_UP,
    });
    lastRunAt = now;
    if (pruned > 0) {
      logger.info('Forgot refused events beyond their retention', { pruned });
    }
    if (heldBackMs > ALERT_HELD_BACK_MS) {
      logger.error(
        'Refused events are kept longer than they should: the clock has jumped ahead, or no worker ran for long. Check the clock of this machine; they are forgotten step by step',
        { heldBackHours: Math.round(heldBackMs / 3_600_000) },
      );
    }
  };
}

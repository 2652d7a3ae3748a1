import { setTimeout as delay } from 'node:timers/promises';
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  beginReplay,
  claimLease,
  FencingError,
  finishReplay,
  listGateways,
  listOpenReplays,
  noteReplayMessage,
  type OpenReplay,
  proveReplays,
  readConfigSnapshot,
  releaseLease,
  renewLease,
  replayResource,
  suspendReplay,
} from '@millrace/ledger';
import type { Fix } from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import { backOffMs } from '../backOff';
import { describeCause } from '../errors';
import type { DeliveredIds } from './DeliveredIds';
import { replayNextEvents } from './replayEvents';

/*
 * The loop that carries replays out.
 *
 * Any number of backends may run it. A replay is worked on by one of them at a
 * time, under a lease with a fencing token; every write to the ledger checks the
 * token, so a runner that slept through its lease changes nothing any more. All
 * progress is in the ledger: whoever comes next goes on with the first event
 * that has no outcome.
 *
 * Each runner sends with a write key of its own, made for the event types of the
 * replay. Its secret is in this process' memory only; it is revoked when the
 * replay ends, and by the next runner when this one died. What is still on its
 * way under a dead runner's key carries the same ids and content, and sealing
 * removes it as a duplicate.
 */

const LEASE_MS = 30_000;
const RENEW_MS = 10_000;
const POLL_MS = 1_000;
const PROVE_MS = 2_000;

/** So many replays are looked at in a round. */
const MAX_REPLAYS = 50;

/** A replay that has come no further for so long is given up. */
const GIVE_UP_MS = 24 * 60 * 60_000;

const BACK_OFF = { minMs: 250, maxMs: 15_000 };

/** A gateway without a heartbeat for so long has no lease left. */
const GATEWAYS_SINCE_MS = 60 * 60_000;

/** Options of {@link ReplayRunner}. */
export interface ReplayRunnerOptions {
  ledger: Knex;
  deliveredIds: DeliveredIds;
  logger: LoggerService;
  /** Of this process alone. */
  runnerId: string;
  now: () => Date;
  random?: () => number;
}

/** Sends the events of replays, and then looks for them in the partitions. */
export class ReplayRunner {
  readonly #options: ReplayRunnerOptions;
  readonly #stopping = new AbortController();
  #isTriggered = false;
  #wake = () => {};
  #loops: Promise<void>[] = [];
  readonly #active = new Map<string, Promise<void>>();

  constructor(options: ReplayRunnerOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#loops.length === 0) {
      this.#loops = [
        this.#repeat('Replays cannot be carried out', () => this.#runOnce()),
        this.#repeat('Replays cannot be proven', async () => {
          await proveReplays(this.#options.ledger, { limit: MAX_REPLAYS });
          await this.#pause(PROVE_MS);
        }),
      ];
    }
  }

  /** Looks for replays now instead of in a second. */
  trigger(): void {
    this.#isTriggered = true;
    this.#wake();
  }

  /** Breaks off; what is on its way is sent again by whoever comes next. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await Promise.all(this.#loops);
    await Promise.all(this.#active.values());
  }

  async #runOnce(): Promise<void> {
    this.#isTriggered = false;
    const { ledger } = this.#options;
    const open = await listOpenReplays(ledger, { limit: MAX_REPLAYS });
    // Side by side: one that waits for a gateway must not hold up the others.
    for (const replay of open) {
      const { replayId } = replay;
      if (!this.#active.has(replayId) && !this.#stopping.signal.aborted) {
        const ended = this.#carryOut(replay).finally(() =>
          this.#active.delete(replayId),
        );
        this.#active.set(replayId, ended);
      }
    }
    if (!this.#isTriggered && !this.#stopping.signal.aborted) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, POLL_MS);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Never rejects. */
  async #carryOut(replay: OpenReplay): Promise<void> {
    const { ledger, logger, runnerId } = this.#options;
    const { replayId } = replay;
    const resource = replayResource(replayId);
    const lost = new AbortController();
    let fencingToken: bigint | undefined;
    let renewal: NodeJS.Timeout | undefined;
    try {
      const lease = await claimLease(ledger, {
        resource,
        holder: runnerId,
        leaseMs: LEASE_MS,
      });
      if (!lease) {
        return;
      }
      const token = lease.fencingToken;
      fencingToken = token;
      renewal = setInterval(() => {
        renewLease(ledger, {
          resource,
          fencingToken: token,
          leaseMs: LEASE_MS,
        }).then(
          isOurs => isOurs || lost.abort(),
          // The next write finds out whether the lease was lost meanwhile.
          () => {},
        );
      }, RENEW_MS);
      await this.#send(replay, token, lost.signal);
    } catch (error) {
      if (!(error instanceof FencingError)) {
        logger.warn(
          `Replay ${replayId} is interrupted and will go on: ${describeCause(
            error,
          )}`,
        );
        await this.#pause(POLL_MS);
      }
    } finally {
      clearInterval(renewal);
      if (fencingToken !== undefined) {
        await this.#letGo(replayId, fencingToken).catch(() => {});
      }
    }
  }

  /** Best effort: who takes over does the same. */
  async #letGo(replayId: string, fencingToken: bigint): Promise<void> {
    const { ledger } = this.#options;
    await suspendReplay(ledger, { replayId, fencingToken });
    await releaseLease(ledger, {
      resource: replayResource(replayId),
      fencingToken,
    });
  }

  async #send(
    replay: OpenReplay,
    fencingToken: bigint,
    lost: AbortSignal,
  ): Promise<void> {
    const { ledger, deliveredIds, logger, now } = this.#options;
    const { random = Math.random } = this.#options;
    const { replayId, eventType, requestedBy } = replay;
    const signal = AbortSignal.any([this.#stopping.signal, lost]);
    // Written by this plugin, after it was checked.
    const fix = replay.fix as Fix;
    const { keyId, writeKey } = await beginReplay(ledger, {
      replayId,
      fencingToken,
      eventTypes: [...typesOf(eventType, fix)],
      requestedBy,
    });
    const pass = {
      ledger,
      deliveredIds,
      replayId,
      fencingToken,
      eventType,
      fix,
      writeKey,
      gatewayUrl: () => this.#gatewayThatKnows(keyId),
      now,
      signal,
    };
    let failures = 0;
    let progressAt = now().getTime();
    while (!signal.aborted) {
      const result = await replayNextEvents(pass);
      if (result.kind === 'empty') {
        await finishReplay(ledger, { replayId, fencingToken });
        logger.info(`Replay ${replayId} of ${eventType} is sent`);
        return;
      }
      if (result.kind === 'progress') {
        if (failures > 0) {
          await noteReplayMessage(ledger, { replayId });
        }
        failures = 0;
        progressAt = now().getTime();
        continue;
      }
      if (signal.aborted) {
        return;
      }
      failures += 1;
      await noteReplayMessage(ledger, { replayId, message: result.message });
      if (now().getTime() - progressAt > GIVE_UP_MS) {
        await finishReplay(ledger, {
          replayId,
          fencingToken,
          failure: `Given up after a day without progress. ${result.message}`,
        });
        return;
      }
      const waitMs = Math.max(
        result.retryAfterMs ?? 0,
        backOffMs(failures, random, BACK_OFF),
      );
      await delay(waitMs, undefined, { signal }).catch(() => {});
    }
  }

  /** One of those that are alive and run a snapshot with the key. */
  async #gatewayThatKnows(keyId: string): Promise<string | undefined> {
    const { ledger, now, random = Math.random } = this.#options;
    const [snapshot, gateways] = await Promise.all([
      readConfigSnapshot(ledger),
      listGateways(ledger, {
        activeSince: new Date(now().getTime() - GATEWAYS_SINCE_MS),
      }),
    ]);
    // The key is in the newest snapshot and all after the one that brought it.
    const isKnown = snapshot?.writeKeys.some(key => key.keyId === keyId);
    const alive = gateways.filter(gateway => gateway.alive);
    const current = alive.filter(
      ({ generation }) => generation === snapshot?.generation,
    );
    // Another change may be on its way to all of them at any time; a gateway
    // that lacks the key says so, and that is tried again.
    const choice = current.length > 0 ? current : alive;
    return isKnown
      ? choice[Math.floor(random() * choice.length)]?.url
      : undefined;
  }

  async #repeat(what: string, run: () => Promise<void>): Promise<void> {
    const { logger, random = Math.random } = this.#options;
    let failures = 0;
    let reported: string | undefined;
    while (!this.#stopping.signal.aborted) {
      try {
        await run();
        failures = 0;
        reported = undefined;
      } catch (error) {
        failures += 1;
        const message = describeCause(error);
        if (message !== reported) {
          logger.warn(`${what}: ${message}`);
        }
        reported = message;
        await this.#pause(backOffMs(failures, random, BACK_OFF));
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    await delay(ms, undefined, { signal }).catch(() => {});
  }
}

/** What the events may be sent as. */
export function typesOf(eventType: string, fix: Fix): Set<string> {
  return new Set([
    eventType,
    ...fix.flatMap(operation =>
      operation.op === 'setType' ? [operation.eventType] : [],
    ),
  ]);
}

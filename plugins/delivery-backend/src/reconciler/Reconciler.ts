import type { LoggerService } from '@backstage/backend-plugin-api';
import type { ReconcilerStatus } from '@millrace/plugin-delivery-common';
import { backOffMs } from '../backOff';
import { describeCause, type ProvisioningProblem } from '../errors';
import type { RoundResult } from './reconcile';

/** Options of {@link Reconciler}. */
export interface ReconcilerOptions {
  /** Does one round. */
  round: () => Promise<RoundResult>;
  logger: LoggerService;
  /** Time between rounds when nothing happens. Default 5 s. */
  intervalMs?: number;
  now?: () => Date;
  random?: () => number;
}

/** Time to the next round while a type waits for something that comes soon. */
const FOLLOW_UP_MS = 500;

const FAILED_ROUND_BACK_OFF = { minMs: 500, maxMs: 30_000 };

/**
 * The loop around {@link reconcile}: rounds follow each other at an interval,
 * at once when something is known to have changed, and ever more slowly while
 * they fail. A trigger is only a hint; losing one costs an interval.
 *
 * Rounds never overlap. Any number of instances may run: a round is idempotent.
 */
export class Reconciler {
  readonly #options: Required<ReconcilerOptions>;
  #generation: number | undefined;
  #problems = new Map<string, ProvisioningProblem>();
  #refusedProblems = new Map<string, ProvisioningProblem>();
  #lastRoundAt: Date | undefined;
  #failedRounds = 0;
  #failure: string | undefined;

  #isStopped = false;
  #isTriggered = false;
  #wake: () => void = () => {};
  #loop: Promise<void> | undefined;

  constructor(options: ReconcilerOptions) {
    this.#options = {
      ...options,
      intervalMs: options.intervalMs ?? 5000,
      now: options.now ?? (() => new Date()),
      random: options.random ?? Math.random,
    };
  }

  /** The generation in force, once a round has found it out. */
  generation(): number | undefined {
    return this.#generation;
  }

  /** Why an event type is not provisioned, if the newest round found out. */
  problemOf(eventType: string): ProvisioningProblem | undefined {
    return this.#problems.get(eventType);
  }

  status(): ReconcilerStatus {
    return {
      lastRoundAt: this.#lastRoundAt?.toISOString(),
      failedRounds: this.#failedRounds,
      message: this.#failure,
      failing: [...this.#problems, ...this.#refusedProblems].map(
        ([eventType, { message }]) => ({ eventType, message }),
      ),
    };
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Asks for a round now, or right after the one that is running. */
  trigger(): void {
    this.#isTriggered = true;
    this.#wake();
  }

  /** Ends the loop after the round that is running. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wake();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      this.#isTriggered = false;
      const waitMs = await this.#round();
      await this.#sleep(waitMs);
    }
  }

  /** Does a round and gives the time to the next one. */
  async #round(): Promise<number> {
    const { round, logger, intervalMs, random } = this.#options;
    let result: RoundResult;
    try {
      result = await round();
    } catch (error) {
      this.#failedRounds += 1;
      const message = describeCause(error);
      // Once per reason: a broker that is away for an hour is one line.
      if (message !== this.#failure) {
        logger.warn(`Delivery could not be reconciled: ${message}`);
      }
      this.#failure = message;
      return backOffMs(this.#failedRounds, random, FAILED_ROUND_BACK_OFF);
    }
    if (this.#failure !== undefined) {
      logger.info('Delivery is reconciled again');
    }
    if (result.changed) {
      logger.info(`Published config generation ${result.generation}`);
    }
    const { problems, refusedProblems } = result;
    for (const [eventType, { code, message }] of [
      ...problems,
      ...refusedProblems,
    ]) {
      const known = [this.#problems, this.#refusedProblems];
      if (known.every(map => map.get(eventType)?.message !== message)) {
        logger.warn(message, { eventType, code });
      }
    }
    this.#generation = result.generation;
    this.#problems = problems;
    this.#refusedProblems = refusedProblems;
    this.#lastRoundAt = this.#options.now();
    this.#failedRounds = 0;
    this.#failure = undefined;
    const isAwaiting = [...problems.values(), ...refusedProblems.values()].some(
      ({ code }) => code === 'awaiting_gateways',
    );
    return isAwaiting ? Math.min(FOLLOW_UP_MS, intervalMs) : intervalMs;
  }

  async #sleep(ms: number): Promise<void> {
    if (this.#isTriggered || this.#isStopped) {
      return;
    }
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => {};
  }
}

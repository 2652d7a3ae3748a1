import { setTimeout as delay } from 'node:timers/promises';
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  type Announcer,
  announcingResource,
  claimLease,
  FencingError,
  listSealedSince,
  moveAnnouncementCursor,
  readAnnouncementCursor,
  releaseLease,
  renewLease,
  type SealedRevision,
} from '@millrace/ledger';
import type { Knex } from 'knex';
import { backOffMs } from '../backOff';
import { describeCause } from '../errors';

/*
 * Follows the sealed revisions and tells of them (ADR 0031).
 *
 * - At least once: how far was told is in the ledger, and moves after telling. A
 *   process that dies in between, or a telling that fails, is repeated from
 *   there by whoever comes next.
 * - In order within an event type: one process at a time follows, under a lease
 *   it keeps for as long as it lives, and tells one after the other. One that
 *   has slept through its lease asks before it tells anything more; the ledger
 *   refuses its cursor in any case.
 * - Never in the way: sealing knows nothing of it. While the events service or
 *   the ledger is away nothing is lost, and telling goes on where it stopped.
 */

const LEASE_MS = 30_000;
const RENEW_MS = 10_000;

/** How late somebody hears of a sealing, at most, beside the telling. */
const POLL_MS = 1_000;

/** How soon another process takes over from one that stopped in order. */
const CLAIM_MS = 5_000;

const BACK_OFF = { minMs: POLL_MS, maxMs: 60_000 };

/** Told of between two notes of how far it has come. */
const BATCH = 100;

/** What a teller says of its progress. */
export interface Telling {
  /** Everything up to this revision was told of. */
  told(revision: SealedRevision): void;
  /**
   * Called before each telling: however long the one before took, nobody else
   * tells meanwhile.
   *
   * @throws FencingError when another process has taken over
   */
  hold(): Promise<void>;
}

/** Tells of sealed revisions, oldest first; what it throws is tried again. */
export type Teller = (
  revisions: SealedRevision[],
  telling: Telling,
) => Promise<void>;

/** Options of {@link SealedFollower}. */
export interface SealedFollowerOptions {
  ledger: Knex;
  announcer: Announcer;
  tell: Teller;
  logger: LoggerService;
  /** Of this process alone. */
  followerId: string;
  random?: () => number;
  monotonicMs?: () => number;
}

interface HeldLease {
  fencingToken: bigint;
  renewedAt: number;
}

/** The loop that tells of sealed revisions. */
export class SealedFollower {
  readonly #options: SealedFollowerOptions;
  readonly #resource: string;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;
  #lease: HeldLease | undefined;

  constructor(options: SealedFollowerOptions) {
    this.#options = options;
    this.#resource = announcingResource(options.announcer);
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Lets another process take over at once. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    const lease = this.#lease;
    this.#lease = undefined;
    if (lease) {
      await releaseLease(this.#options.ledger, {
        resource: this.#resource,
        fencingToken: lease.fencingToken,
      }).catch(() => {});
    }
  }

  /**
   * Tells of what is new, a batch at most, if it is this process' turn. Gives
   * how many, or `undefined` when another one follows.
   */
  async followOnce(): Promise<number | undefined> {
    const lease = await this.#hold();
    if (!lease) {
      return undefined;
    }
    const { ledger, announcer, tell } = this.#options;
    const afterSeq = await readAnnouncementCursor(ledger, { announcer });
    const revisions = await listSealedSince(ledger, { afterSeq, limit: BATCH });
    if (revisions.length === 0) {
      return 0;
    }
    let told: SealedRevision | undefined;
    try {
      await tell(revisions, {
        told: revision => {
          told = revision;
        },
        hold: () => this.#holdOn(lease),
      });
    } finally {
      if (told) {
        await moveAnnouncementCursor(ledger, {
          announcer,
          fencingToken: lease.fencingToken,
          seq: told.seq,
        });
      }
    }
    return revisions.length;
  }

  async #run(): Promise<void> {
    const { logger, announcer, random = Math.random } = this.#options;
    const { signal } = this.#stopping;
    let failures = 0;
    while (!signal.aborted) {
      let waitMs: number;
      try {
        const told = await this.followOnce();
        failures = 0;
        // A full batch: there is more.
        waitMs = told === BATCH ? 0 : POLL_MS;
        if (told === undefined) {
          waitMs = CLAIM_MS;
        }
      } catch (error) {
        if (signal.aborted) {
          return;
        }
        if (error instanceof FencingError) {
          this.#lease = undefined;
        }
        failures += 1;
        waitMs = backOffMs(failures, random, BACK_OFF);
        logger.warn(
          `Sealed partitions cannot be announced (${announcer}), tried again: ${describeCause(
            error,
          )}`,
        );
      }
      await delay(waitMs, undefined, { signal }).catch(() => {});
    }
  }

  /** The lease, renewed when it is time; claimed when it is free. */
  async #hold(): Promise<HeldLease | undefined> {
    const { ledger, followerId } = this.#options;
    const resource = this.#resource;
    const now = this.#now();
    if (this.#lease && now - this.#lease.renewedAt < RENEW_MS) {
      return this.#lease;
    }
    if (this.#lease) {
      const { fencingToken } = this.#lease;
      this.#lease = undefined;
      if (
        await renewLease(ledger, { resource, fencingToken, leaseMs: LEASE_MS })
      ) {
        this.#lease = { fencingToken, renewedAt: now };
        return this.#lease;
      }
    }
    const claimed = await claimLease(ledger, {
      resource,
      holder: followerId,
      leaseMs: LEASE_MS,
    });
    this.#lease = claimed && { ...claimed, renewedAt: now };
    return this.#lease;
  }

  /** Renews the lease while it is worked under. */
  async #holdOn(lease: HeldLease): Promise<void> {
    this.#stopping.signal.throwIfAborted();
    const { fencingToken } = lease;
    const now = this.#now();
    if (now - lease.renewedAt < RENEW_MS) {
      return;
    }
    const resource = this.#resource;
    const isOurs = await renewLease(this.#options.ledger, {
      resource,
      fencingToken,
      leaseMs: LEASE_MS,
    });
    if (!isOurs) {
      throw new FencingError(resource, fencingToken);
    }
    lease.renewedAt = now;
  }

  #now(): number {
    return (this.#options.monotonicMs ?? (() => performance.now()))();
  }
}

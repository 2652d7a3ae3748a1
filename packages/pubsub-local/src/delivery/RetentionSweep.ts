import { type Clock } from '../clock';
import { messageOf } from '../errors';
import { type BrokerLogger } from '../logger';
import { type BacklogReference } from '../store';
import { type References } from './References';
import { type Registry } from './Registry';
import { type Subscription } from './Subscription';

const SWEEP_EVERY_MS = 60_000;
/** Time to notice a wrong clock after a start, before it costs messages. */
const GRACE_MS = 10 * 60_000;

/**
 * Removes what has had its time: messages older than the retention of their
 * subscription or topic, snapshots past their expiry, and subscriptions nobody
 * has used for as long as their expiration policy says.
 *
 * Age is measured from the wall clock at the start plus the time that really
 * passed since, so that no clock jump in between can empty a backlog. Disuse of
 * a subscription counts only while the broker runs.
 */
export class RetentionSweep {
  readonly #clock: Clock;
  readonly #logger: BrokerLogger;
  readonly #registry: Registry;
  readonly #references: References;
  readonly #startedAt: { wallMs: number; monotonicMs: number };
  #cancel: (() => void) | undefined;

  constructor(options: {
    clock: Clock;
    logger: BrokerLogger;
    registry: Registry;
    references: References;
  }) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#registry = options.registry;
    this.#references = options.references;
    this.#startedAt = {
      wallMs: options.clock.wallMs(),
      monotonicMs: options.clock.monotonicMs(),
    };
  }

  start(): void {
    this.#sweepIn(GRACE_MS);
  }

  stop(): void {
    this.#cancel?.();
  }

  #sweepIn(delayMs: number): void {
    this.#cancel = this.#clock.schedule(delayMs, () => {
      this.#sweep().catch(error =>
        this.#logger.warn(`The retention sweep ended: ${messageOf(error)}`),
      );
      this.#sweepIn(SWEEP_EVERY_MS);
    });
  }

  async #sweep(): Promise<void> {
    const { wallMs, monotonicMs } = this.#startedAt;
    const nowMs = wallMs + this.#clock.monotonicMs() - monotonicMs;
    for (const snapshot of this.#registry.snapshots()) {
      if (snapshot.expiresAtMs <= nowMs) {
        await this.#registry.deleteSnapshot(snapshot.name);
      }
    }
    for (const subscription of this.#registry.subscriptions()) {
      if (this.#isUnused(subscription)) {
        this.#logger.warn(
          'A subscription that nobody used has expired; it is deleted',
          { subscription: subscription.stored.name },
        );
        await this.#registry.deleteSubscription(subscription.stored.name);
      } else {
        await this.#sweepSubscription(subscription, nowMs);
      }
    }
    for (const { logId, retentionSeconds = 0 } of this.#registry.topics()) {
      if (logId !== undefined) {
        await this.#sweepKept(
          logId,
          nowMs - retentionSeconds * 1000,
          () => true,
        );
      }
    }
  }

  #isUnused({ stored, isConnected, lastUsedMs }: Subscription): boolean {
    const { expirationTtlSeconds } = stored;
    const unusedMs = this.#clock.monotonicMs() - lastUsedMs;
    return (
      expirationTtlSeconds !== undefined &&
      !isConnected &&
      unusedMs >= expirationTtlSeconds * 1000
    );
  }

  async #sweepSubscription(
    subscription: Subscription,
    nowMs: number,
  ): Promise<void> {
    const { stored, backlog } = subscription;
    const keepFromMs = nowMs - stored.retentionSeconds * 1000;
    const expired: number[] = [];
    for (
      let { oldest } = backlog;
      oldest && oldest.publishTimeMs < keepFromMs;
      { oldest } = backlog
    ) {
      backlog.remove(oldest.sequence);
      expired.push(oldest.sequence);
    }
    if (expired.length > 0) {
      this.#logger.warn('Messages were dropped at the end of their retention', {
        subscription: stored.name,
        messages: expired.length,
      });
    }
    const forgotten = subscription.damaged.filter(
      ({ publishTimeMs }) => publishTimeMs < keepFromMs,
    );
    subscription.damaged = subscription.damaged.filter(
      message => !forgotten.includes(message),
    );
    forgotten.forEach(({ sequence }) => expired.push(sequence));
    await this.#references.release(stored.id, expired);
    if (stored.retainAckedMessages) {
      await this.#sweepKept(stored.id, keepFromMs, ({ sequence, state }) => {
        return state === 'acknowledged' && !backlog.has(sequence);
      });
    }
  }

  /** Releases what a holder keeps only for its age. */
  async #sweepKept(
    holderId: number,
    keepFromMs: number,
    isOnlyKept: (reference: BacklogReference) => boolean,
  ): Promise<void> {
    await this.#references.releaseWhere(
      holderId,
      isOnlyKept,
      ({ publishTimeMs }) => publishTimeMs >= keepFromMs,
    );
  }
}

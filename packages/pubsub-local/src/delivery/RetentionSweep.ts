import { type Clock } from '../clock';
import { messageOf } from '../errors';
import { type BrokerLogger } from '../logger';
import { type References, parts } from './References';
import { type Registry } from './Registry';

const SWEEP_EVERY_MS = 60_000;
/** Time to notice a wrong clock after a start, before it costs messages. */
const GRACE_MS = 10 * 60_000;

/**
 * Removes messages that are older than their subscription's retention.
 *
 * Age is measured from the wall clock at the start plus the time that really
 * passed since, so that no clock jump in between can empty a backlog.
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
    for (const { stored, backlog } of this.#registry.subscriptions()) {
      const keepFromMs = nowMs - stored.retentionSeconds * 1000;
      const expired: number[] = [];
      for (
        let oldest = backlog.oldest;
        oldest && oldest.publishTimeMs < keepFromMs;
        oldest = backlog.oldest
      ) {
        backlog.remove(oldest.sequence);
        expired.push(oldest.sequence);
      }
      if (expired.length > 0) {
        this.#logger.warn(
          'Messages were dropped at the end of their retention',
          { subscription: stored.name, messages: expired.length },
        );
      }
      for (const part of parts(expired)) {
        await this.#references.release(stored.id, part);
      }
    }
  }
}

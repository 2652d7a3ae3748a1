import { setTimeout as delay } from 'node:timers/promises';
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  finishTestEvent,
  noteTestEventAttempt,
  type TestEventAnswer,
} from '@millrace/ledger';
import type { Knex } from 'knex';
import { backOffMs } from '../backOff';
import { describeCause } from '../errors';
import { postEvents } from '../replay';
import { chooseGateway } from './chooseGateway';

/*
 * Carries a test event to a gateway.
 *
 * It goes the way of every event: over HTTP, under a write key, judged by the
 * gateway. Each attempt sends the same text with the same id, so that one that
 * was taken without an answer and is sent again is one event. The content is in
 * this process' memory only. When the process dies, the event stays without an
 * answer, and its key ends by itself within five minutes; whether it was taken
 * all the same is seen where it landed.
 */

/** Gateways learn of a new key within seconds; longer, and something is down. */
const GIVE_UP_MS = 45_000;

const BACK_OFF = { minMs: 150, maxMs: 2_000 };

/** What is to be sent. */
export interface OutgoingTestEvent {
  testEventId: string;
  writeKey: string;
  /** Of the whole event. */
  text: string;
}

/** Options of {@link TestEventSender}. */
export interface TestEventSenderOptions {
  ledger: Knex;
  logger: LoggerService;
  now: () => Date;
  random?: () => number;
}

/** Sends test events, each until it has an answer. */
export class TestEventSender {
  readonly #options: TestEventSenderOptions;
  readonly #stopping = new AbortController();
  readonly #active = new Set<Promise<void>>();

  constructor(options: TestEventSenderOptions) {
    this.#options = options;
  }

  /** Begins to send; what comes of it is in the ledger. */
  send(event: OutgoingTestEvent): void {
    const sent = this.#carry(event).finally(() => this.#active.delete(sent));
    this.#active.add(sent);
  }

  /** Breaks off what has no answer, and says so of it. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#active);
  }

  /** Never rejects. */
  async #carry(event: OutgoingTestEvent): Promise<void> {
    const { ledger, logger } = this.#options;
    const { testEventId } = event;
    let answer: TestEventAnswer;
    try {
      answer = await this.#askUntilAnswered(event);
    } catch (error) {
      logger.warn(
        `Test event ${testEventId} was not sent: ${describeCause(error)}`,
      );
      answer = {
        kind: 'unanswered',
        message:
          'The ledger could not be reached while it was sent; send another one',
      };
    }
    await finishTestEvent(ledger, { testEventId, answer }).catch(error =>
      logger.warn(
        `The answer to test event ${testEventId} was not recorded: ${describeCause(
          error,
        )}`,
      ),
    );
  }

  async #askUntilAnswered(event: OutgoingTestEvent): Promise<TestEventAnswer> {
    const { ledger, now, random = Math.random } = this.#options;
    const { testEventId, writeKey, text } = event;
    const { signal } = this.#stopping;
    const end = now().getTime() + GIVE_UP_MS;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const gateway = await chooseGateway({ ledger, now, random });
      let message = 'No gateway is alive; the operations page shows why.';
      let waitMs = backOffMs(attempt, random, BACK_OFF);
      if (gateway) {
        await noteTestEventAttempt(ledger, { testEventId, to: gateway });
        const result = await postEvents({
          url: gateway.url,
          writeKey,
          texts: [text],
          signal,
        });
        const answer = answerOf(result);
        if (answer) {
          return answer;
        }
        if (result.kind === 'retry') {
          message = `${result.message}.`;
          waitMs = Math.max(waitMs, result.retryAfterMs ?? 0);
        } else {
          message = 'The gateway cannot take it for now.';
        }
      }
      if (now().getTime() + waitMs > end) {
        return { kind: 'unanswered', message };
      }
      await noteTestEventAttempt(ledger, { testEventId, message });
      await delay(waitMs, undefined, { signal }).catch(() => {});
    }
    return {
      kind: 'unanswered',
      message: 'The portal was stopped before there was an answer.',
    };
  }
}

/** Undefined when the same is to be sent again. */
function answerOf(
  result: Awaited<ReturnType<typeof postEvents>>,
): TestEventAnswer | undefined {
  switch (result.kind) {
    case 'answered': {
      const [fate] = result.fates;
      return fate.kind === 'retry' ? undefined : fate;
    }
    case 'retry':
      return undefined;
    default: {
      const { reason, message } = result;
      return { kind: 'refused', reason, message };
    }
  }
}

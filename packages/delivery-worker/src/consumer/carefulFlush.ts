import { countAttempt, forgetAttempts, noteAttempts } from '@millrace/ledger';
import { Knex } from 'knex';
import { PoisonError } from '../errors';
import { Limit } from '../fairLimit';
import { Logger } from '../logger';
import { BrokerMessage } from './brokerMessage';
import { keepPoison } from './keepPoison';
import { MAX_ATTEMPTS } from './messageAttempts';

/** Makes messages durable and says by `done` which are finished. @internal */
export type Flush = (
  messages: BrokerMessage[],
  done: (message: BrokerMessage) => void,
) => Promise<void>;

/** @internal */
export interface CarefulFlushOptions {
  ledger: Knex;
  worker: string;
  subscription: string;
  subscriptionType?: string;
  logger: Logger;
  flush: Flush;
  /**
   * Whether a message may have been in hand when a consumer died over this
   * subscription: it was published before this one took over.
   */
  isSuspect: (message: BrokerMessage) => boolean;
  /** Lets one message of the whole process through at a time. */
  alone: Limit;
}

/**
 * Finds the message that kills whoever handles it.
 *
 * The broker delivers such a message again and again, and each worker that gets
 * it dies, with all that it had in hand. So after a consumer has died, what it
 * may have had in hand is handled with care:
 * 1. All of it is noted in the ledger, and then handled together, as always.
 *    What is finished is forgotten.
 * 2. Whoever dies over that leaves the notes behind. Messages with a note from
 *    an earlier life are handled one by one, alone in the process, each attempt
 *    counted before it is made.
 * 3. What has been tried three times is set aside, whole and with the reason.
 *
 * A message counts once per life of a process, however often it is tried in it:
 * a ledger or disk that is away makes no message poison. Messages that nobody
 * died over cost nothing.
 *
 * @internal
 */
export function createCarefulFlush(options: CarefulFlushOptions): Flush {
  const { ledger, worker, subscription, flush, isSuspect, alone } = options;
  /** Noted or counted in this life: number of attempts with this one. */
  const counted = new Map<string, number>();

  /** Gives how often each was tried in earlier lives. */
  async function lookUp(messages: BrokerMessage[]): Promise<void> {
    const unknown = messages.map(({ id }) => id).filter(id => !counted.has(id));
    if (unknown.length === 0) {
      return;
    }
    const earlier = await noteAttempts(ledger, {
      subscription,
      worker,
      messageIds: unknown,
    });
    for (const id of unknown) {
      const attempts = earlier.get(id);
      if (attempts === undefined) {
        counted.set(id, 1);
      }
    }
  }

  async function tryAlone(
    message: BrokerMessage,
    done: (message: BrokerMessage) => void,
  ): Promise<void> {
    if (!counted.has(message.id)) {
      const attempts = await countAttempt(ledger, {
        subscription,
        messageId: message.id,
        worker,
      });
      counted.set(message.id, attempts);
    }
    const attempts = counted.get(message.id) ?? 1;
    if (attempts > MAX_ATTEMPTS) {
      await keepPoison({
        ...options,
        message,
        error: new PoisonError(
          'ends_the_worker',
          `${MAX_ATTEMPTS} workers ended while they handled this message`,
          MAX_ATTEMPTS,
        ),
      });
      done(message);
      return;
    }
    await flush([message], done);
  }

  return async (messages, done) => {
    const suspects = messages.filter(isSuspect);
    if (suspects.length === 0) {
      await flush(messages, done);
      return;
    }
    await lookUp(suspects);
    const finished: string[] = [];
    const finish = (message: BrokerMessage) => {
      counted.delete(message.id);
      finished.push(message.id);
      done(message);
    };
    try {
      // In this life for the first time, and noted in none before.
      const together = suspects.filter(({ id }) => counted.get(id) === 1);
      const togetherIds = new Set(together.map(({ id }) => id));
      const suspectIds = new Set(suspects.map(({ id }) => id));
      const harmless = messages.filter(({ id }) => !suspectIds.has(id));
      if (together.length + harmless.length > 0) {
        await flush([...together, ...harmless], message =>
          suspectIds.has(message.id) ? finish(message) : done(message),
        );
      }
      for (const message of suspects) {
        if (!togetherIds.has(message.id)) {
          await alone(() => tryAlone(message, finish));
        }
      }
    } finally {
      if (finished.length > 0) {
        // A note that stays behind does no harm: its message does not come again.
        await forgetAttempts(ledger, {
          subscription,
          messageIds: finished,
        }).catch(() => {});
      }
    }
  };
}

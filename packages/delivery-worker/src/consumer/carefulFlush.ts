import {
  countAttempt,
  findSetAside,
  forgetAttempts,
  noteAttempts,
} from '@millrace/ledger';
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
 *    counted before it is made, and forgotten before the next one is tried: the
 *    acknowledgement of what is finished may get lost in the next death, and the
 *    message come again.
 * 3. What has been tried three times is set aside, whole and with the reason. If
 *    it comes again all the same, it is known by that, and not touched.
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

  /** Before anything else is tried. A note that stays behind blames nobody yet. */
  async function forget(finished: BrokerMessage[]): Promise<void> {
    if (finished.length > 0) {
      const messageIds = finished.map(({ id }) => id);
      messageIds.forEach(id => counted.delete(id));
      await forgetAttempts(ledger, { subscription, messageIds });
    }
  }

  return async (messages, done) => {
    const perhaps = messages.filter(isSuspect);
    if (perhaps.length === 0) {
      await flush(messages, done);
      return;
    }
    const aside = await findSetAside(ledger, {
      subscription,
      messageIds: perhaps.map(({ id }) => id),
    });
    perhaps.filter(({ id }) => aside.has(id)).forEach(done);
    const suspects = perhaps.filter(({ id }) => !aside.has(id));
    await lookUp(suspects);
    // In this life for the first time, and noted in none before.
    const isNew = ({ id }: BrokerMessage) => counted.get(id) === 1;
    const one = new Set(suspects.filter(message => !isNew(message)));
    const together = messages.filter(
      message => !one.has(message) && !aside.has(message.id),
    );
    if (together.length > 0) {
      const finished: BrokerMessage[] = [];
      try {
        await flush(together, message => {
          finished.push(message);
          done(message);
        });
      } finally {
        await forget(finished.filter(isNew));
      }
    }
    for (const message of one) {
      await alone(async () => {
        let isFinished = false;
        await tryAlone(message, () => {
          isFinished = true;
          done(message);
        });
        if (isFinished) {
          await forget([message]);
        }
      });
    }
  };
}

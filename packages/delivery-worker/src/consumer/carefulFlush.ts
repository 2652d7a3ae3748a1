import {
  countAttempts,
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

/**
 * With how many others a message is handled, by how often it has been tried, this
 * time included. Small companies soon, so that what a dead worker leaves behind is
 * done in little time; alone three times, because a process may die for reasons of
 * its own, and again, while an innocent message is in hand.
 */
const COMPANY = [Infinity, 16, 4, 1, 1, 1];
const MAX_ATTEMPTS = COMPANY.length;

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
  /** Lets one company of the whole process through at a time. */
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
 *    an earlier life are handled in companies, the smaller the oftener they have
 *    been tried, down to one by one; each company alone in the process, the attempt
 *    counted before it is made, and forgotten before the next one is tried: the
 *    acknowledgement of what is finished may get lost in the next death, and the
 *    message come again.
 * 3. What has been tried six times, three of them alone, is set aside, whole and
 *    with the reason. If it comes again all the same, it is known by that, and not
 *    touched.
 *
 * A message counts once per life of a process, however often it is tried in it:
 * a ledger or disk that is away makes no message poison. Messages that nobody
 * died over cost nothing.
 *
 * @internal
 */
export function createCarefulFlush(options: CarefulFlushOptions): Flush {
  const { ledger, worker, subscription, flush, isSuspect, alone } = options;
  /** Number of attempts with the one of this life, of what is noted in it. */
  const counted = new Map<string, number>();
  /** Of what was noted in an earlier life and not yet counted in this one. */
  const before = new Map<string, number>();

  /** Gives how often each has been tried, with this time. */
  const attemptsOf = ({ id }: BrokerMessage) =>
    counted.get(id) ?? (before.get(id) ?? 0) + 1;

  /** Notes what is not noted, and finds how often the others were tried. */
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
      } else {
        before.set(id, attempts);
      }
    }
  }

  /** Once per life of this process, however often it is tried in it. */
  async function count(company: BrokerMessage[]): Promise<void> {
    const messageIds = company
      .map(({ id }) => id)
      .filter(id => !counted.has(id));
    if (messageIds.length > 0) {
      const counts = await countAttempts(ledger, {
        subscription,
        messageIds,
        worker,
      });
      counts.forEach((attempts, id) => counted.set(id, attempts));
    }
  }

  async function setAside(message: BrokerMessage): Promise<void> {
    await keepPoison({
      ...options,
      message,
      error: new PoisonError(
        'ends_the_worker',
        `${MAX_ATTEMPTS} workers ended while they handled this message`,
        MAX_ATTEMPTS,
      ),
    });
  }

  /** Before anything else is tried. A note that stays behind blames nobody yet. */
  async function forget(finished: BrokerMessage[]): Promise<void> {
    if (finished.length > 0) {
      const messageIds = finished.map(({ id }) => id);
      messageIds.forEach(id => {
        counted.delete(id);
        before.delete(id);
      });
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
    const noted = suspects.filter(message => !isNew(message));
    const careful = new Set(noted);
    const together = messages.filter(
      message => !careful.has(message) && !aside.has(message.id),
    );
    for (const message of noted) {
      if (attemptsOf(message) > MAX_ATTEMPTS) {
        await setAside(message);
        done(message);
        await forget([message]);
      }
    }
    await handle(together, done, isNew);
    for (const company of companiesOf(noted, attemptsOf)) {
      await alone(async () => {
        await count(company);
        await handle(company, done);
      });
    }
  };

  /** Flushes some, and forgets what got finished of those with a note. */
  async function handle(
    messages: BrokerMessage[],
    done: (message: BrokerMessage) => void,
    hasNote: (message: BrokerMessage) => boolean = () => true,
  ): Promise<void> {
    if (messages.length === 0) {
      return;
    }
    const finished: BrokerMessage[] = [];
    try {
      await flush(messages, message => {
        finished.push(message);
        done(message);
      });
    } finally {
      await forget(finished.filter(hasNote));
    }
  }
}

/** Who is handled with whom: only what has been tried equally often. */
function companiesOf(
  messages: BrokerMessage[],
  attemptsOf: (message: BrokerMessage) => number,
): BrokerMessage[][] {
  return COMPANY.flatMap((size, at) => {
    const some = messages.filter(message => attemptsOf(message) === at + 1);
    return Array.from({ length: Math.ceil(some.length / size) }, (_, n) =>
      some.slice(n * size, (n + 1) * size),
    );
  });
}

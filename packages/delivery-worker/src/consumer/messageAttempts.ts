import { countAttempts } from '@millrace/ledger';
import { Knex } from 'knex';
import { PoisonError } from '../errors';

/** How often the ledger may refuse a message's data before it is set aside. */
const MAX_REFUSALS = 3;

/**
 * What Postgres says when it is the data that it does not take: class 22 of
 * SQLSTATE (data exception) and 23514 (check violation). Everything else, such as
 * a database that is away, a full disk, or a clock by which no bucket is open
 * (23502), is not the message's fault, passes, and is tried for as long as it
 * takes.
 */
export function isDataError(
  error: unknown,
): error is Error & { code: string; constraint?: string } {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^(22...|23514)$/.test(error.code)
  );
}

/** @internal */
export interface MessageAttemptsOptions {
  ledger: Knex;
  worker: string;
  subscription: string;
}

/**
 * The attempts at single messages of a subscription, counted in the ledger.
 *
 * @internal
 */
export class MessageAttempts {
  constructor(private readonly options: MessageAttemptsOptions) {}

  /**
   * Counts that the ledger has refused a message's data.
   *
   * @returns why it is poison by now, or `undefined`: it is to be tried again
   */
  async refusedByLedger(
    messageId: string,
    error: Error & { code: string; constraint?: string },
  ): Promise<PoisonError | undefined> {
    const { ledger, worker, subscription } = this.options;
    const counts = await countAttempts(ledger, {
      subscription,
      messageIds: [messageId],
      worker,
    });
    const attempts = counts.get(messageId) ?? 1;
    if (attempts < MAX_REFUSALS) {
      return undefined;
    }
    // What the database says beyond this may quote values.
    const where = error.constraint ? ` (${error.constraint})` : '';
    return new PoisonError(
      'refused_by_ledger',
      `The ledger does not take it: SQLSTATE ${error.code}${where}, ${attempts} times`,
      attempts,
    );
  }
}

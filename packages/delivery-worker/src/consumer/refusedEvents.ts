import { recordRefusedEvents } from '@millrace/ledger';
import { Knex } from 'knex';
import { PoisonError } from '../errors';
import { Logger } from '../logger';
import { BrokerMessage } from './brokerMessage';
import { keepPoison } from './keepPoison';
import { readRefusedBatch } from './readBatch';

/** @internal */
export interface RefusedEventsOptions {
  ledger: Knex;
  subscription: string;
  logger: Logger;
}

/**
 * Takes the events that gateways refused from broker messages to ledger rows,
 * one transaction per message. A message that comes again changes nothing.
 *
 * @internal
 */
export function createRefusedEvents(options: RefusedEventsOptions) {
  const { ledger } = options;
  return {
    async flush(
      messages: BrokerMessage[],
      done: (message: BrokerMessage) => void,
    ): Promise<void> {
      for (const message of messages) {
        try {
          const { header, events } = await readRefusedBatch(message);
          await recordRefusedEvents(ledger, { events, batch: header });
        } catch (error) {
          if (!(error instanceof PoisonError)) {
            throw error;
          }
          await keepPoison({ ...options, message, error });
        }
        done(message);
      }
    },
  };
}

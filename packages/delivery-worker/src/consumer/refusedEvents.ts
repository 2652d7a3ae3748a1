import { recordRefusedEvents } from '@millrace/ledger';
import { Knex } from 'knex';
import { PoisonError } from '../errors';
import { Limit } from '../fairLimit';
import { Logger } from '../logger';
import { BrokerMessage } from './brokerMessage';
import { keepPoison } from './keepPoison';
import { isDataError, MessageAttempts } from './messageAttempts';
import { readRefusedBatch } from './readBatch';

/** @internal */
export interface RefusedEventsOptions {
  ledger: Knex;
  subscription: string;
  /** Of the event type; `undefined` for the general topic. */
  eventType?: string;
  /** Bounds the work of all refused subscriptions together. */
  limit: Limit;
  /** Of this worker alone: whose attempts are counted. */
  worker: string;
  logger: Logger;
}

/**
 * Takes the events that gateways refused from broker messages to ledger rows,
 * one transaction per message. A message that comes again changes nothing.
 *
 * Between any two messages it gives way to the other subscriptions that wait:
 * what is refused in masses takes as long as it takes, and all else is found
 * within the second.
 *
 * @internal
 */
export function createRefusedEvents(options: RefusedEventsOptions) {
  const { ledger, subscription, eventType, limit } = options;
  const attempts = new MessageAttempts(options);

  /** Gives whether it is finished. */
  async function record(message: BrokerMessage): Promise<boolean> {
    try {
      const { header, events } = await readRefusedBatch(message);
      if (eventType !== undefined) {
        checkEventType(events, eventType);
      }
      await recordRefusedEvents(ledger, {
        events,
        batch: { ...header, subscription },
      });
      return true;
    } catch (error) {
      const poison = isDataError(error)
        ? await attempts.refusedByLedger(message.id, error)
        : error;
      if (poison === undefined) {
        return false;
      }
      if (!(poison instanceof PoisonError)) {
        throw error;
      }
      await keepPoison({
        ...options,
        subscriptionType: eventType,
        message,
        error: poison,
      });
      return true;
    }
  }

  return {
    async flush(
      messages: BrokerMessage[],
      done: (message: BrokerMessage) => void,
    ): Promise<void> {
      for (const message of messages) {
        if (await limit(() => record(message))) {
          done(message);
        }
      }
    },
  };
}

/** Who may read refused events of a type must not be shown those of another. */
function checkEventType(
  events: { eventType?: string }[],
  eventType: string,
): void {
  if (events.some(event => event.eventType !== eventType)) {
    throw new PoisonError(
      'wrong_event_type',
      `A refused event of another type came on the refused subscription of ${eventType}`,
    );
  }
}

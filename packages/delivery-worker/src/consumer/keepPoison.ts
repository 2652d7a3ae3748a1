import { BatchHeader } from '@millrace/schema';
import { recordPoisonBatch } from '@millrace/ledger';
import { Knex } from 'knex';
import { PoisonError } from '../errors';
import { Logger } from '../logger';
import { BrokerMessage } from './brokerMessage';

/** Keeps a message that can never be staged; then it may be acknowledged. */
export async function keepPoison(options: {
  ledger: Knex;
  logger: Logger;
  subscription: string;
  /** The event type of the subscription. */
  subscriptionType?: string;
  message: BrokerMessage;
  /** Where it could be read. */
  header?: BatchHeader;
  error: PoisonError;
}): Promise<void> {
  const { ledger, logger, subscription, message, header, error } = options;
  await recordPoisonBatch(ledger, {
    subscription,
    subscriptionType: options.subscriptionType,
    messageId: message.id,
    reason: error.reason,
    message: error.message,
    attempts: error.attempts,
    attributes: message.attributes,
    data: message.data,
    publishedAt: message.publishTime,
    header,
  });
  logger.error('Set a message aside that cannot be staged', {
    subscription,
    messageId: message.id,
    reason: error.reason,
    detail: error.message,
  });
}

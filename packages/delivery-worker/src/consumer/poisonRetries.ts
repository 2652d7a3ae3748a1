import { readPoisonRetries, resolvePoisonBatch } from '@millrace/ledger';
import { Knex } from 'knex';
import { BrokerMessage } from './brokerMessage';

/** Content of messages is held in memory meanwhile. */
const RETRIES_AT_A_TIME = 20;

/** Offered and neither finished nor set aside: it may have been given back. */
const OFFER_AGAIN_MS = 30_000;

/**
 * Gives messages that were set aside, and that somebody wants tried again, to
 * the intakes of their subscriptions, as if the broker had delivered them. The
 * broker is not asked, so other readers of the topic do not see them twice.
 *
 * Staged at last, such a message is resolved; when it fails again it is set
 * aside again, and its retry is over. What dies over it is found as with any
 * other message: the wish to retry outlives a crash, and is counted.
 *
 * @internal
 */
export function createPoisonRetries(options: {
  ledger: Knex;
  /** The life of this consumer; whose event types are whose goes by it. */
  session: () => string | undefined;
  offer: (subscription: string, message: BrokerMessage) => void;
}): () => Promise<void> {
  const { ledger, session, offer } = options;
  /** When each was offered. */
  const inHand = new Map<string, number>();
  return async () => {
    const current = session();
    if (current === undefined) {
      return;
    }
    const retries = await readPoisonRetries(ledger, {
      session: current,
      limit: RETRIES_AT_A_TIME,
    });
    const now = performance.now();
    for (const [poisonId, offeredAt] of inHand) {
      const isWanted = retries.some(retry => retry.poisonId === poisonId);
      if (!isWanted || now - offeredAt > OFFER_AGAIN_MS) {
        inHand.delete(poisonId);
      }
    }
    for (const { poisonId, subscription, ...retry } of retries) {
      if (inHand.has(poisonId)) {
        continue;
      }
      inHand.set(poisonId, now);
      offer(subscription, {
        id: retry.messageId,
        attributes: retry.attributes,
        data: retry.data,
        publishTime: retry.publishedAt,
        ack() {
          resolvePoisonBatch(ledger, { poisonId })
            .catch(() => {}) // It is tried again, and found recorded.
            .finally(() => inHand.delete(poisonId));
        },
      });
    }
  };
}

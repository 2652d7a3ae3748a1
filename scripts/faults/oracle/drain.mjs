import { zstdDecompressSync } from 'node:zlib';
import { PubSub, v1 } from '@google-cloud/pubsub';
import { credentials } from '@grpc/grpc-js';

// The client would look for Google's metadata server on the network.
process.env.METADATA_SERVER_DETECTION = 'none';

const PREFIX = 'oracle.';
const CALL_LIMIT_MS = 5_000;
const PULL_MESSAGES = 200;

/**
 * Reads everything that is on the broker's topics, with the official client and
 * subscriptions of its own. It knows the broker's API and the documented form
 * of a batch (one line of JSON per event, zstd), and nothing else of Millrace.
 *
 * @param {{ projectId: string, port: number }} options
 */
export function createDrain({ projectId, port }) {
  const pubsub = new PubSub({
    projectId,
    emulatorMode: true,
    apiEndpoint: `127.0.0.1:${port}`,
  });
  const subscriber = new v1.SubscriberClient({
    projectId,
    apiEndpoint: '127.0.0.1',
    port,
    sslCreds: credentials.createInsecure(),
    // The client's own back-off grows to two minutes.
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 200,
  });
  const call = { retry: null, timeout: CALL_LIMIT_MS };
  const subscriptions = [];
  /** @type {Map<string, Copy[]>} by event id */
  const copies = new Map();
  const messages = new Set();
  const problems = [];

  /**
   * One appearance of an event on a topic.
   *
   * @typedef {{ topic: string, kind: 'event' | 'refused', messageId: string,
   *   batch: string, type?: string, data?: unknown, reason?: string }} Copy
   *   `batch` names the batch as its sender numbered it: a batch that the broker
   *   holds twice is recognised by it
   */
  const take = (topic, { messageId, attributes, data }) => {
    const name = `${topic}/${messageId}`;
    // Given out again because the broker never heard of the acknowledgement.
    if (messages.has(name)) return;
    messages.add(name);
    const { gateway, epoch, eventType, bucketStart, batch, events } =
      attributes;
    const batchName = [topic, gateway, epoch, eventType, bucketStart, batch];
    let lines;
    try {
      const text = zstdDecompressSync(data).toString();
      lines = text.trimEnd().split('\n').map(JSON.parse);
    } catch (error) {
      problems.push(`message ${name} cannot be read: ${error.message}`);
      return;
    }
    if (lines.length !== Number(events)) {
      problems.push(
        `message ${name} says it has ${events} events and has ${lines.length}`,
      );
    }
    for (const line of lines) {
      const isRefusal = 'refusalId' in line;
      const id = isRefusal ? line.eventId : line.id;
      const copy = {
        topic,
        kind: isRefusal ? 'refused' : 'event',
        messageId,
        batch: batchName.join(' '),
        type: eventType ?? line.eventType,
        data: line.data,
        reason: line.reason,
      };
      copies.set(id, [...(copies.get(id) ?? []), copy]);
    }
  };

  return {
    copies,
    problems,

    /** Subscribes to every topic there is; only what comes later is seen. */
    async subscribe() {
      const [topics] = await pubsub.getTopics();
      for (const topic of topics) {
        const topicName = topic.name.split('/').at(-1);
        const [subscription] = await topic.createSubscription(
          `${PREFIX}${topicName}`,
          { ackDeadlineSeconds: 10 },
        );
        subscriptions.push({ topic: topicName, name: subscription.name });
      }
    },

    /**
     * Takes what is there now and acknowledges it.
     *
     * @returns {Promise<number>} how many messages came
     * @throws while the broker is away
     */
    async drainOnce() {
      const counts = await Promise.all(
        subscriptions.map(async ({ topic, name }) => {
          const [{ receivedMessages = [] }] = await subscriber.pull(
            {
              subscription: name,
              maxMessages: PULL_MESSAGES,
              returnImmediately: true,
            },
            call,
          );
          if (receivedMessages.length === 0) return 0;
          receivedMessages.forEach(({ message }) => take(topic, message));
          await subscriber.acknowledge(
            {
              subscription: name,
              ackIds: receivedMessages.map(({ ackId }) => ackId),
            },
            call,
          );
          return receivedMessages.length;
        }),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },

    async close() {
      await subscriber.close();
      await pubsub.close();
    },
  };
}

import { randomFillSync } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { createSchedule } from './schedule.mjs';
import { summarize } from './latencies.mjs';

const SILENCE_LIMIT_MS = 20_000;
const LAST_LOOK_MS = 300;

/**
 * Publishes messages one by one, as the gateway does: each is a batch already,
 * so the client's own batching is off.
 *
 * @param {import('@google-cloud/pubsub').PubSub} pubsub
 * @param {{ topic: string, bytes: number, inFlight: number, ms: number }} options
 * @returns {Promise<{ published: number, seconds: number }>} what the broker
 *   has confirmed
 */
export async function publishFor(pubsub, { topic, bytes, inFlight, ms }) {
  const target = pubsub.topic(topic, { batching: { maxMessages: 1 } });
  // A gateway's messages are compressed: nothing is left to compress.
  const data = randomFillSync(Buffer.alloc(bytes));
  const startedAt = performance.now();
  const until = startedAt + ms;
  let published = 0;
  const publish = async () => {
    while (performance.now() < until) {
      await target.publishMessage({ data });
      published += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, publish));
  return { published, seconds: (performance.now() - startedAt) / 1000 };
}

/**
 * Receives and acknowledges with the official client until told to stop.
 *
 * @param {import('@google-cloud/pubsub').PubSub} pubsub
 * @param {string} subscription
 * @param {{ onMessage?: (message: object) => void }} [options]
 */
export function receive(pubsub, subscription, { onMessage } = {}) {
  const ids = new Set();
  let bytes = 0;
  let lastAt = performance.now();
  let failure;
  const source = pubsub.subscription(subscription, {
    flowControl: { maxMessages: 500, maxBytes: 64 * 2 ** 20 },
    streamingOptions: { maxStreams: 1 },
  });
  source.on('message', message => {
    lastAt = performance.now();
    ids.add(message.id);
    bytes += message.length;
    onMessage?.(message);
    message.ack();
  });
  source.on('error', error => {
    failure = error;
  });
  return {
    get received() {
      return ids.size;
    },
    get bytes() {
      return bytes;
    },
    /** @returns {Promise<number>} when the last message came, on the clock of `performance` */
    async untilReceived(expected) {
      const silence = () => performance.now() - lastAt;
      while (
        !failure &&
        (ids.size < expected
          ? silence() < SILENCE_LIMIT_MS
          : silence() < LAST_LOOK_MS)
      ) {
        await new Promise(resolve => setTimeout(resolve, 5));
      }
      await source.close();
      if (failure) throw failure;
      return lastAt;
    },
  };
}

/**
 * The way of a message from `publish` to the subscriber, at a fixed rate;
 * counted from the moment it was due.
 *
 * @param {import('@google-cloud/pubsub').PubSub} pubsub
 * @param {{ topic: string, subscription: string, bytes: number,
 *   perSecond: number, ms: number }} options
 */
export async function measureEndToEnd(
  pubsub,
  { topic, subscription, bytes, perSecond, ms },
) {
  const samplesMs = [];
  const receiver = receive(pubsub, subscription, {
    onMessage: ({ attributes }) =>
      samplesMs.push(performance.now() - Number(attributes.dueAt)),
  });
  const target = pubsub.topic(topic, { batching: { maxMessages: 1 } });
  const data = randomFillSync(Buffer.alloc(bytes));
  const nextDue = createSchedule({ perSecond, arrival: 'poisson' });
  const startedAt = performance.now();
  const confirmations = [];
  for (let due = nextDue(); due < ms; due = nextDue()) {
    const dueAt = startedAt + due;
    while (performance.now() < dueAt) {
      await new Promise(resolve => setTimeout(resolve, 1));
    }
    confirmations.push(
      target.publishMessage({ data, attributes: { dueAt: String(dueAt) } }),
    );
  }
  await Promise.all(confirmations);
  await receiver.untilReceived(confirmations.length);
  return { published: confirmations.length, latencyMs: summarize(samplesMs) };
}

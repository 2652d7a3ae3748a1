import { zstdDecompressSync } from 'node:zlib';

const SILENCE_LIMIT_MS = 15_000;
const LAST_LOOK_MS = 500;
/** One message in so many is opened and its events are counted. */
const OPEN_EVERY = 10;

/**
 * Takes every message off the subscriptions with the official client and counts
 * the events: what a benchmark's replies promised must be there. A batch that
 * came twice counts once, as for every consumer.
 *
 * @throws Error when a batch does not hold as many events as it says
 *
 * @param {import('@google-cloud/pubsub').PubSub} pubsub
 * @param {string[]} subscriptions
 * @param {number} expected stops soon after so many events, or when nothing
 *   comes any more
 * @returns {Promise<{ events: number, messages: number, bytes: number,
 *   opened: number, repeatedIds: number }>} bytes as stored, compressed
 */
export async function drain(
  pubsub,
  subscriptions,
  expected,
  { silenceMs = SILENCE_LIMIT_MS } = {},
) {
  const seen = new Set();
  const ids = new Set();
  const total = { events: 0, messages: 0, bytes: 0, opened: 0, repeatedIds: 0 };
  let lastAt = Date.now();
  let failure;
  const take = (message, subscription) => {
    lastAt = Date.now();
    message.ack();
    const { gateway, epoch, eventType, bucketStart, batch, events } =
      message.attributes;
    const name = [
      subscription,
      gateway,
      epoch,
      eventType,
      bucketStart,
      batch,
    ].join(' ');
    if (seen.has(name)) return;
    seen.add(name);
    if (total.messages % OPEN_EVERY === 0) open(message, Number(events));
    total.messages += 1;
    total.events += Number(events);
    total.bytes += message.length;
  };
  const open = (message, promised) => {
    const lines = zstdDecompressSync(message.data)
      .toString()
      .trimEnd()
      .split('\n');
    total.opened += lines.length;
    if (lines.length !== promised) {
      failure = new Error(
        `A batch says it has ${promised} events and has ${lines.length}`,
      );
    }
    for (const line of lines) {
      const { id, eventId } = JSON.parse(line);
      const key = id ?? eventId;
      if (ids.has(key)) total.repeatedIds += 1;
      ids.add(key);
    }
  };
  const sources = subscriptions.map(name => {
    const source = pubsub.subscription(name, {
      flowControl: { maxMessages: 200, maxBytes: 64 * 2 ** 20 },
      streamingOptions: { maxStreams: 1 },
    });
    source.on('message', message => take(message, name));
    source.on('error', error => {
      failure = error;
    });
    return source;
  });
  const silence = () => Date.now() - lastAt;
  while (
    !failure &&
    (total.events < expected ? silence() < silenceMs : silence() < LAST_LOOK_MS)
  ) {
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  await Promise.all(sources.map(source => source.close()));
  if (failure) throw failure;
  return total;
}

import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { EVENT_TYPES } from '../lib/events.mjs';
import { answersOf } from '../lib/recorder.mjs';
import { until } from '../lib/wait.mjs';

/** Two applications that name their events alike. */
const SOURCES = ['/faults/shop', '/faults/till'];
const TICK_MS = 40;
const EVENTS_PER_TICK = 3;
const EVENTS_PER_REQUEST = 20;
const MAX_COPIES = 50;
const RETRY_MS = 150;
const FINISH_LIMIT_MS = 120_000;
const REQUEST_LIMIT_MS = 20_000;
const PADDING = 'the quick brown fox jumps over the lazy dog ';

/**
 * How the events are. Shares of all: the rest is sent once and answered.
 *
 * @typedef {object} Mix
 * @property {number} repeated sent 2 to 50 times, over more than two buckets
 * @property {number} swallowed of requests whose answer never reaches the sender
 * @property {number} conflicting the same id again with other content
 * @property {number} shared the same id from the other source
 * @property {number} refused of a form its schema does not allow
 */
export const CALM = {
  repeated: 0.05,
  swallowed: 0.05,
  conflicting: 0.03,
  shared: 0.03,
  refused: 0.04,
};
export const STORM = { ...CALM, repeated: 1, swallowed: 0.3 };

/**
 * A sender without an SDK, so that every copy of every event is its own doing:
 * it posts to all gateways in turn, sends events again that were answered, does
 * not listen to answers, and goes on until each event has been answered once.
 *
 * Its journal is what the oracle compares with the lake. It also counts how many
 * copies were answered accepted, and how many may have been: between the two
 * lies what the ledger has to say was accepted.
 *
 * @param {{ gatewayUrls: string[], writeKey: string, bucketMs: number,
 *   random: ReturnType<import('../lib/random.mjs').createRandom>,
 *   mix?: Mix }} options
 */
export function startLoad(options) {
  const { gatewayUrls, writeKey, bucketMs, random } = options;
  const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
  /** @type {object[]} the journal */
  const entries = [];
  /** Copies to be sent: `{ entry, at }`, not in order. */
  let due = [];
  const counts = { copies: 0, accepted: 0, unknown: 0, swallowed: 0 };
  const open = new Set();
  let mix = options.mix ?? CALM;
  let label = 'load';
  let number = 0;
  let isOffering = true;
  let isRunning = true;

  function offer() {
    number += 1;
    const id = `${label}-${number}`;
    const type = EVENT_TYPES[number % EVENT_TYPES.length];
    const data = { n: number, text: PADDING.repeat(1 + (number % 4)) };
    const source = SOURCES[0];
    if (random.next() < mix.refused) {
      add({ id, source, type, data: { ...data, n: 'two' } }, 1);
      return;
    }
    const copies =
      random.next() < mix.repeated
        ? 2 + Math.floor(random.next() ** 2 * (MAX_COPIES - 1))
        : 1;
    add({ id, source, type, data }, copies);
    if (random.next() < mix.conflicting) {
      add({ id, source, type, data: { ...data, text: 'other' } }, copies);
    }
    if (random.next() < mix.shared) {
      add({ id, source: SOURCES[1], type, data }, copies);
    }
  }

  /** The first copy goes at once, the others within two buckets and a half. */
  function add(event, copies) {
    const entry = { ...event, outcome: 'unknown' };
    entries.push(entry);
    const now = Date.now();
    for (let copy = 0; copy < copies; copy += 1) {
      const delay = copy === 0 ? 0 : random.next() * 2.5 * bucketMs;
      due.push({ entry, at: now + delay });
    }
  }

  async function sendDue() {
    const now = Date.now();
    const ready = due.filter(({ at }) => at <= now);
    if (ready.length === 0) return;
    due = due.filter(({ at }) => at > now);
    for (let from = 0; from < ready.length; from += EVENTS_PER_REQUEST) {
      const part = ready.slice(from, from + EVENTS_PER_REQUEST);
      const sent = post(part.map(({ entry }) => entry)).finally(() =>
        open.delete(sent),
      );
      open.add(sent);
    }
  }

  async function post(batch) {
    const isSwallowed = random.next() < mix.swallowed;
    const url = gatewayUrls[Math.floor(random.next() * gatewayUrls.length)];
    counts.copies += batch.length;
    const { status, body } = await request(url, batch, isSwallowed);
    if (isSwallowed) counts.swallowed += batch.length;
    const answers = answersOf(status, body, batch.length);
    answers.forEach(({ outcome, reason, pointer }, index) => {
      const entry = batch[index];
      if (outcome === 'accepted') counts.accepted += 1;
      // A batch that was given up may arrive all the same.
      if (outcome === 'none' || outcome === 'retriable') counts.unknown += 1;
      if (outcome === 'accepted' || outcome === 'refused') {
        Object.assign(entry, { outcome, reason, pointer });
      } else if (entry.outcome === 'unknown') {
        due.push({ entry, at: Date.now() + RETRY_MS });
      }
    });
  }

  /** @returns what came back; nothing, when it did not or was not listened to */
  function request(url, batch, isSwallowed) {
    return new Promise(resolve => {
      const none = () => resolve({ status: 0, body: Buffer.alloc(0) });
      const outgoing = http.request(`${url}/v1/events`, {
        method: 'POST',
        agent,
        timeout: REQUEST_LIMIT_MS,
        headers: {
          authorization: `Bearer ${writeKey}`,
          'content-type': 'application/json',
        },
      });
      outgoing.on('error', none);
      outgoing.on('timeout', () => outgoing.destroy());
      outgoing.on('response', async response => {
        if (isSwallowed) {
          // It has been answered; nobody will ever know.
          response.destroy();
          none();
          return;
        }
        try {
          const chunks = [];
          for await (const chunk of response) chunks.push(chunk);
          resolve({
            status: response.statusCode,
            body: Buffer.concat(chunks),
          });
        } catch {
          none();
        }
      });
      outgoing.end(
        JSON.stringify(
          batch.map(({ id, source, type, data }) => ({
            specversion: '1.0',
            id,
            source,
            type,
            data,
          })),
        ),
      );
    });
  }

  const loop = (async () => {
    while (isRunning) {
      for (let at = 0; isOffering && at < EVENTS_PER_TICK; at += 1) offer();
      await sendDue();
      await pause(TICK_MS);
    }
  })();

  return {
    entries,
    counts,
    /** New events carry it in their ids, so that a problem says when it arose. */
    setLabel(next) {
      label = next;
    },
    setMix(next) {
      mix = next;
    },
    pause() {
      isOffering = false;
    },
    resume() {
      isOffering = true;
    },
    /**
     * Offers nothing more, and sends until every event has been answered.
     *
     * @returns {Promise<string[]>} problems
     */
    async settle() {
      isOffering = false;
      const calm = mix;
      // Otherwise the last events would be repeated for ever.
      mix = { ...mix, swallowed: 0 };
      const isDone = await until(
        () => due.length === 0 && open.size === 0,
        FINISH_LIMIT_MS,
      );
      mix = calm;
      return isDone
        ? []
        : [`stuck: ${due.length} copies were never answered by a gateway`];
    },
    async close() {
      isOffering = false;
      isRunning = false;
      await loop;
      await Promise.allSettled([...open]);
      agent.destroy();
    },
  };
}

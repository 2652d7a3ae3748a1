import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { EVENT_TYPES } from './events.mjs';
import { answersOf } from './recorder.mjs';

const CLIENTS = 16;
const EVENTS_PER_REQUEST = 20;
const PAUSE_MS = 50;
const TEXT = 'a lot of text that takes up room in memory '.repeat(8);

/**
 * Clients that know no SDK: they post batches straight to the gateway, never
 * repeat one, and note every status and whether 503 says when to come again.
 *
 * @param {Awaited<ReturnType<import('./lab.mjs').createLab>>} lab
 * @param {{ cycle: string, clients?: number }} options
 */
export function startPressure(lab, { cycle, clients: count = CLIENTS }) {
  const agent = new http.Agent({ keepAlive: true });
  // Between: what began before a change and ended after it.
  const statuses = { before: {}, during: {}, after: {}, between: {} };
  let phase = 'before';
  let isStopping = false;
  let last;
  let number = 0;
  const pressure = {
    statuses,
    /** How many 503 had no Retry-After. */
    without: 0,
    lastStatus: () => last,
    /** What comes from now on is counted under this phase. */
    enter(next) {
      phase = next;
      last = undefined;
    },
    async stop() {
      isStopping = true;
      await Promise.all(clients);
      agent.destroy();
    },
  };

  const post = async () => {
    const events = Array.from({ length: EVENTS_PER_REQUEST }, () => {
      number += 1;
      return {
        id: `raw-${number}`,
        type: EVENT_TYPES[number % EVENT_TYPES.length],
        data: { n: number, text: TEXT },
        expected: 'accepted',
      };
    });
    events.forEach(event => lab.journal.offer(event, cycle));
    const settle = events.map(({ id }) => lab.journal.send(id));
    const begunIn = phase;
    const { status, headers, body } = await request(
      agent,
      lab,
      events.map(({ id, type, data }) => ({
        specversion: '1.0',
        source: '/faults/raw',
        id,
        type,
        data,
      })),
    );
    answersOf(status, body, events.length).forEach((answer, index) =>
      settle[index]({ status, ...answer }),
    );
    const counted = statuses[begunIn === phase ? phase : 'between'];
    counted[status] = (counted[status] ?? 0) + 1;
    if (begunIn === phase) last = status;
    if (status === 503 && !(Number(headers['retry-after']) > 0)) {
      pressure.without += 1;
    }
  };
  const clients = Array.from({ length: count }, async () => {
    while (!isStopping) {
      await post();
      await pause(PAUSE_MS);
    }
  });
  return pressure;
}

/** @returns status `none` when no answer came */
function request(agent, lab, events) {
  return new Promise(resolve => {
    const fail = () =>
      resolve({ status: 'none', headers: {}, body: Buffer.alloc(0) });
    const outgoing = http.request({
      host: '127.0.0.1',
      port: lab.ports.gateway,
      path: '/v1/events',
      method: 'POST',
      agent,
      headers: {
        authorization: `Bearer ${lab.writeKey}`,
        'content-type': 'application/json',
      },
    });
    outgoing.on('error', fail);
    outgoing.on('response', async response => {
      try {
        const chunks = [];
        for await (const chunk of response) chunks.push(chunk);
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: Buffer.concat(chunks),
        });
      } catch {
        fail();
      }
    });
    outgoing.end(JSON.stringify(events));
  });
}

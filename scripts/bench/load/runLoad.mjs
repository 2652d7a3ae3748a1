import fs from 'node:fs';
import { performance } from 'node:perf_hooks';
import { openConnection } from './connection.mjs';
import { createPool, createRequest, meanBytes } from './events.mjs';
import { readCount } from './httpResponse.mjs';
import { summarize } from './latencies.mjs';
import { createSchedule } from './schedule.mjs';

/** Bodies a connection takes in turn. */
const BODIES_PER_CONNECTION = 4;
const TICK_MS = 1;
const LAST_REPLY_LIMIT_MS = 30_000;

/**
 * Sends load and measures the replies.
 *
 * Two kinds, for two questions:
 * - `closed`: every connection sends its next request when the reply to the
 *   last one is in. Finds the capacity. Its latencies flatter: while the server
 *   stalls, nothing is sent that could be late.
 * - `open`: requests are due by a schedule of their own, whatever the server
 *   does. One that finds no free connection waits, and its latency counts from
 *   the moment it was due: a stall shows with everything it delayed.
 *
 * @typedef {object} Load
 * @property {string} host
 * @property {number} port
 * @property {string} path
 * @property {string} writeKey
 * @property {string[]} eventTypes
 * @property {boolean} [isMisfit] send events that must be refused
 * @property {number} batchSize
 * @property {number} connections
 * @property {{ kind: 'closed' } | { kind: 'open', requestsPerSecond: number,
 *   arrival: 'fixed' | 'poisson' }} mode
 * @property {number} warmUpMs
 * @property {number} durationMs what is measured, after the warm-up
 * @property {number} [seed]
 * @property {number} [repeat] share of events that are sent again, word for word
 * @property {string} [journal] file for the ids of all events that were accepted
 *
 * @param {Load} load
 * @param {{ onMeasuring?: () => void, onMeasured?: () => void }} [events]
 */
export async function runLoad(load, { onMeasuring, onMeasured } = {}) {
  const { connections, mode, warmUpMs, durationMs, batchSize } = load;
  const pool = createPool(load);
  const tally = createTally();
  const overall = createTally();
  const startedAt = performance.now();
  const measureFrom = startedAt + warmUpMs;
  const measureTo = measureFrom + durationMs;
  const lagsMs = [];
  const journal = load.journal && fs.createWriteStream(load.journal);
  let outstanding = 0;

  const senders = Array.from({ length: connections }, (_, index) => {
    const requests = Array.from({ length: BODIES_PER_CONNECTION }, (__, n) =>
      createRequest({
        ...load,
        pool,
        first: (index * BODIES_PER_CONNECTION + n) * batchSize,
      }),
    );
    const sender = {
      turn: 0,
      requests,
      connection: openConnection({
        ...load,
        onReply: (reply, context) => settle(context, reply),
        onBroken: (context, why) => settle(context, undefined, why),
        onFree: () => offer(sender),
      }),
    };
    return sender;
  });

  const send = (sender, dueAt) => {
    const request = sender.requests[sender.turn];
    sender.turn = (sender.turn + 1) % sender.requests.length;
    outstanding += 1;
    sender.connection.send(request.fresh(), { dueAt, request });
  };

  const settle = ({ dueAt, request }, reply, why) => {
    outstanding -= 1;
    // Whole batches are accepted or the run is void; see `requireAllAccepted`.
    if (reply?.status === 200) journal?.write(request.ids());
    const at = performance.now();
    overall.add(reply, why, at - dueAt);
    // Throughput counts what was answered within the time. Latency takes every
    // request due in it, however late its answer.
    const countedAt = mode.kind === 'closed' ? at : dueAt;
    if (countedAt >= measureFrom && countedAt < measureTo) {
      tally.add(reply, why, at - dueAt);
    }
  };

  const strategy =
    mode.kind === 'closed'
      ? sendWhenFree({ send, until: measureTo })
      : sendWhenDue({
          send,
          senders,
          mode,
          load,
          startedAt,
          measureTo,
          onDue: (dueAt, noticedAt) => {
            if (dueAt >= measureFrom) lagsMs.push(noticedAt - dueAt);
          },
        });
  const offer = sender => strategy.offer(sender);

  await until(measureFrom);
  const cpuBefore = process.cpuUsage();
  onMeasuring?.();
  await until(measureTo);
  const cpu = process.cpuUsage(cpuBefore);
  onMeasured?.();
  await strategy.finish();
  const limit = performance.now() + LAST_REPLY_LIMIT_MS;
  while (outstanding > 0 && performance.now() < limit) await pause();
  const unanswered = outstanding;
  senders.forEach(({ connection }) => connection.close());
  if (journal) await new Promise(resolve => journal.end(resolve));

  return {
    seconds: durationMs / 1000,
    ...tally.result(),
    overall: overall.result(),
    unanswered,
    /** How late the generator noticed that a request was due. */
    lagMs: summarize(lagsMs),
    generatorCpuMs: (cpu.user + cpu.system) / 1000,
    meanEventBytes: meanBytes(pool),
    requestBytes: senders[0].requests[0].buffer.length,
  };
}

function sendWhenFree({ send, until: end }) {
  return {
    offer(sender) {
      const now = performance.now();
      if (now < end) send(sender, now);
    },
    finish: async () => {},
  };
}

function sendWhenDue({
  send,
  senders,
  mode,
  load,
  startedAt,
  measureTo,
  onDue,
}) {
  const nextDue = createSchedule({
    perSecond: mode.requestsPerSecond,
    arrival: mode.arrival,
    seed: load.seed,
  });
  const waiting = [];
  let head = 0;
  let due = startedAt + nextDue();
  let turn = 0;
  const dispatch = () => {
    while (head < waiting.length) {
      const free = nextFree();
      if (!free) return;
      send(free, waiting[head]);
      head += 1;
    }
    waiting.length = 0;
    head = 0;
  };
  const nextFree = () => {
    for (let n = 0; n < senders.length; n++) {
      const sender = senders[(turn + n) % senders.length];
      if (sender.connection.isFree) {
        turn = (turn + n + 1) % senders.length;
        return sender;
      }
    }
    return undefined;
  };
  const tick = () => {
    const now = performance.now();
    while (due <= now && due < measureTo) {
      waiting.push(due);
      onDue(due, now);
      due = startedAt + nextDue();
    }
    dispatch();
  };
  const timer = setInterval(tick, TICK_MS);
  return {
    offer: () => dispatch(),
    async finish() {
      // What was due is sent, however long the server kept it waiting.
      const limit = performance.now() + LAST_REPLY_LIMIT_MS;
      do {
        tick();
        await pause();
      } while (head < waiting.length && performance.now() < limit);
      clearInterval(timer);
    },
  };
}

/** Counts of what was answered. */
function createTally() {
  const latenciesMs = [];
  const statuses = {};
  const broken = {};
  let accepted = 0;
  let refused = 0;
  let sample;
  return {
    add(reply, why, latencyMs) {
      latenciesMs.push(latencyMs);
      if (!reply) {
        broken[why] = (broken[why] ?? 0) + 1;
        return;
      }
      statuses[reply.status] = (statuses[reply.status] ?? 0) + 1;
      accepted += readCount(reply.body, 'accepted');
      refused += readCount(reply.body, 'refused');
      if (reply.status !== 200) sample ??= reply.body.slice(0, 300);
    },
    result: () => ({
      requests: latenciesMs.length,
      accepted,
      refused,
      statuses,
      broken,
      /** The first reply that was not 200. */
      complaint: sample,
      latencyMs: summarize(latenciesMs),
    }),
  };
}

const pause = () => new Promise(resolve => setTimeout(resolve, 5));

async function until(time) {
  const left = time - performance.now();
  if (left > 0) await new Promise(resolve => setTimeout(resolve, left));
}

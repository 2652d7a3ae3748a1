import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { boundariesOf, nameOf, placeOf } from '../lib/points.mjs';
import {
  attach,
  DELIVERY_CALLS,
  readCalls,
  straceCommand,
} from '../lib/strace.mjs';
import { until } from '../lib/wait.mjs';

/** Long enough for two buckets to be sealed under the tracer. */
const TRACE_MS = 6_000;
/** Half more than was traced, as numbers of calls differ from run to run. */
const HIT_LIMIT_MS = 10_000;
const START_TRACE_MS = 4_000;
/** How long a process that met an error may take to show what it makes of it. */
const EXIT_LIMIT_MS = 500;
const DATABASE_LIMIT_MS = 60_000;
/** How often the tracer looks for connections that are new. */
const FOLLOW_EVERY_MS = 200;

const WORKER_CLIENT = 'faults-worker';

/**
 * Which durable calls the victim makes while events are being delivered.
 *
 * @returns {Promise<{ calls: ReturnType<typeof readCalls>,
 *   boundaries: ReturnType<typeof boundariesOf> }>}
 * @param {Awaited<ReturnType<import('./rig.mjs').createRig>>} rig
 * @param {{ victim: 'worker' | 'ledger', phase: 'main' | 'start' }} stage
 */
export async function traceDelivery(rig, stage) {
  const { lab } = rig;
  const trace = await arm(rig, stage);
  await until(
    () => trace.hasEnded(),
    stage.phase === 'start' ? START_TRACE_MS : TRACE_MS,
  );
  await trace.end();
  const calls = trace.calls();
  return { calls, boundaries: boundariesOf(calls, placesOf(lab)) };
}

/**
 * The victim meets its fault in the midst of delivering, and is started again
 * without one. Events go on coming in all the while.
 *
 * @param {Awaited<ReturnType<import('./rig.mjs').createRig>>} rig
 * @param {import('../lib/points.mjs').Point} point
 * @param {{ hitLimitMs?: number }} [options]
 * @returns {Promise<{ point: string, wasHit: boolean, place?: string,
 *   hasDied: boolean, ms: number }>}
 */
export async function strike(rig, point, options = {}) {
  const { hitLimitMs = HIT_LIMIT_MS } = options;
  const startedAt = performance.now();
  const { lab } = rig;
  const trace = await arm(rig, point);
  await until(
    () =>
      trace.hasEnded() || (point.error !== undefined && trace.hasInjected()),
    hitLimitMs,
  );
  if (point.error) await until(() => trace.hasEnded(), EXIT_LIMIT_MS);
  await trace.end();
  if (point.error) await until(() => trace.hasEnded(), EXIT_LIMIT_MS);
  const hasDied = trace.hasEnded();
  if (point.victim === 'ledger') {
    // The server takes all its processes down and recovers from its log.
    if (!(await lab.database.answers(DATABASE_LIMIT_MS))) {
      throw new Error('The database does not come back');
    }
  }
  if (!lab.victims.worker.isRunning) await lab.victims.worker.startHealthy();
  const hit = findHit(trace.calls(), point, lab);
  return {
    point: nameOf(point),
    wasHit: hit !== undefined,
    place: hit?.place,
    hasDied,
    ms: performance.now() - startedAt,
  };
}

/**
 * Puts the tracer in place: around a new life, or onto what runs.
 *
 * @returns {Promise<{ hasEnded: () => boolean, hasInjected: () => boolean,
 *   end: () => Promise<void>, calls: () => ReturnType<typeof readCalls> }>}
 *   `calls` reads what was traced, once
 */
async function arm(rig, point) {
  const { lab } = rig;
  const injection = point.call && point;
  const optionsFor = output => ({ output, injection, calls: DELIVERY_CALLS });
  const { worker } = lab.victims;
  if (point.phase === 'main' && !worker.isRunning) await worker.startHealthy();
  if (point.victim === 'ledger') return armLedger(lab, optionsFor);

  const output = path.join(lab.dir, `trace-${performance.now()}`);
  const common = {
    hasInjected: createTail(output, '(INJECTED)'),
    calls: () => takeCalls(output),
  };
  if (point.phase === 'start') {
    await worker.kill();
    await worker.start({ prefix: straceCommand(optionsFor(output)) });
    const { life } = worker;
    return {
      ...common,
      hasEnded: () => life.hasEnded,
      // A process that lives on under the tracer is started anew without it.
      async end() {
        if (!life.hasEnded) await worker.kill();
        if (!worker.isRunning) await worker.startHealthy();
      },
    };
  }
  const { life } = worker;
  const tracer = await attach(worker.pid, optionsFor(output));
  return {
    ...common,
    hasEnded: () => life.hasEnded,
    end: () => tracer.detach(),
  };
}

/**
 * Traces every server process that works for the worker, also those that it
 * comes to need only later: its pool opens and closes connections as it goes.
 */
async function armLedger(lab, optionsFor) {
  const traces = new Map();
  let isOver = false;

  async function follow() {
    const backends = await lab.database.backendsOf(WORKER_CLIENT);
    for (const pid of backends.filter(one => !traces.has(one))) {
      const output = path.join(lab.dir, `trace-${performance.now()}`);
      const tracer = await attach(pid, {
        ...optionsFor(output),
        isOneThread: true,
      });
      traces.set(pid, {
        output,
        tracer,
        hasInjected: createTail(output, '(INJECTED)'),
        hasDied: createTail(output, '+++ killed by SIGKILL +++'),
      });
    }
    return traces.size > 0;
  }
  // While the server is down nobody answers, and a process may be gone already.
  const tryToFollow = () => follow().catch(() => false);
  if (!(await until(tryToFollow, DATABASE_LIMIT_MS))) {
    throw new Error('The worker asks no database');
  }
  const following = (async () => {
    while (!isOver) {
      await pause(FOLLOW_EVERY_MS);
      await tryToFollow();
    }
  })();
  const some = what => [...traces.values()].some(trace => trace[what]());
  let hasDied = false;
  return {
    hasInjected: () => some('hasInjected'),
    hasEnded: () => (hasDied ||= some('hasDied')),
    async end() {
      isOver = true;
      await following;
      await Promise.all(
        [...traces.values()].map(({ tracer }) => tracer.detach()),
      );
    },
    calls: () =>
      [...traces.values()].flatMap(({ output }) => takeCalls(output)),
  };
}

function takeCalls(output) {
  if (!fs.existsSync(output)) return [];
  const calls = readCalls(output);
  fs.rmSync(output, { force: true });
  return calls;
}

/** Whether a text has appeared in a file that grows; reads what is new only. */
export function createTail(file, text) {
  let read = 0;
  let rest = '';
  return () => {
    if (!fs.existsSync(file)) return false;
    const handle = fs.openSync(file, 'r');
    const chunk = Buffer.alloc(fs.fstatSync(handle).size - read);
    read += fs.readSync(handle, chunk, 0, chunk.length, read);
    fs.closeSync(handle);
    const all = rest + chunk.toString('latin1');
    rest = all.slice(-text.length);
    return all.includes(text);
  };
}

/** The call at which the fault happened, when it did, and on what. */
function findHit(calls, point, lab) {
  const hit = calls.find(
    ({ call, ordinal, isInjected, isUnfinished }) =>
      call === point.call &&
      ordinal === point.ordinal &&
      (point.error ? isInjected : isUnfinished),
  );
  return hit && { place: placeOf(hit.target, placesOf(lab)) };
}

const placesOf = ({ dir, ports }) => ({ dirs: [dir], ports });

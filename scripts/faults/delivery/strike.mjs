import fs from 'node:fs';
import path from 'node:path';
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
  const calls = readCalls(trace.output);
  fs.rmSync(trace.output, { force: true });
  return { calls, boundaries: boundariesOf(calls, placesOf(lab)) };
}

/**
 * The victim meets its fault in the midst of delivering, and is started again
 * without one. Events go on coming in all the while.
 *
 * @param {Awaited<ReturnType<import('./rig.mjs').createRig>>} rig
 * @param {import('../lib/points.mjs').Point} point
 * @returns {Promise<{ point: string, wasHit: boolean, place?: string,
 *   hasDied: boolean, ms: number }>}
 */
export async function strike(rig, point) {
  const startedAt = performance.now();
  const { lab } = rig;
  const trace = await arm(rig, point);
  await until(
    () =>
      trace.hasEnded() || (point.error !== undefined && trace.hasInjected()),
    HIT_LIMIT_MS,
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
  const hit = findHit(trace.output, point, lab);
  fs.rmSync(trace.output, { force: true });
  return {
    point: nameOf(point),
    wasHit: hit !== undefined,
    place: hit?.place,
    hasDied,
    ms: performance.now() - startedAt,
  };
}

/** Puts the tracer in place: around a new life, or onto what runs. */
async function arm(rig, point) {
  const { lab } = rig;
  const output = path.join(lab.dir, `trace-${performance.now()}`);
  const options = {
    output,
    injection: point.call && point,
    calls: DELIVERY_CALLS,
  };
  const hasInjected = createTail(output, '(INJECTED)');
  const { worker } = lab.victims;
  if (point.phase === 'start') {
    await worker.kill();
    await worker.start({ prefix: straceCommand(options) });
    const { life } = worker;
    return {
      output,
      hasInjected,
      hasEnded: () => life.hasEnded,
      // A process that lives on under the tracer is started anew without it.
      async end() {
        if (!life.hasEnded) await worker.kill();
        if (!worker.isRunning) await worker.startHealthy();
      },
    };
  }
  if (!worker.isRunning) await worker.startHealthy();
  if (point.victim === 'worker') {
    const { life } = worker;
    const tracer = await attach(worker.pid, options);
    return {
      output,
      hasInjected,
      hasEnded: () => life.hasEnded,
      end: () => tracer.detach(),
    };
  }
  const backends = await backendsOfWorker(lab);
  const tracer = await attach(backends, { ...options, isOneThread: true });
  return {
    output,
    hasInjected,
    hasEnded: () => tracer.hasEnded,
    end: () => tracer.detach(),
  };
}

/** Server processes of the database; the worker opens them when it needs one. */
async function backendsOfWorker(lab) {
  let backends = [];
  await until(async () => {
    backends = await lab.database.backendsOf(WORKER_CLIENT).catch(() => []);
    return backends.length > 0;
  }, DATABASE_LIMIT_MS);
  if (backends.length === 0) throw new Error('The worker asks no database');
  return backends;
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
function findHit(output, point, lab) {
  if (!fs.existsSync(output)) return undefined;
  const hit = readCalls(output).find(
    ({ call, ordinal, isInjected, isUnfinished }) =>
      call === point.call &&
      ordinal === point.ordinal &&
      (point.error ? isInjected : isUnfinished),
  );
  return hit && { place: placeOf(hit.target, placesOf(lab)) };
}

const placesOf = ({ dir, ports }) => ({ dirs: [dir], ports });

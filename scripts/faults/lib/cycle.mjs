import fs from 'node:fs';
import path from 'node:path';
import { judge } from '../oracle/judge.mjs';
import { makeWave } from './events.mjs';
import { boundariesOf, nameOf, placeOf } from './points.mjs';
import { attach, readCalls, straceCommand, threadsOf } from './strace.mjs';
import { until } from './wait.mjs';

/** Enough calls to choose from; a gateway makes few. */
const WAVES = { broker: 12, gateway: 60, sdk: 40 };
const WAVES_OF_A_START = 2;
const ANSWER_LIMIT_MS = 30_000;
const DRAIN_LIMIT_MS = 30_000;
/** How long a process that met an error may take to show what it makes of it. */
const EXIT_LIMIT_MS = 500;

/**
 * One cycle: a victim meets its fault in the midst of work and is started again
 * without one; the sender finishes; the oracle looks at everything.
 *
 * @param {Awaited<ReturnType<import('./lab.mjs').createLab>>} lab
 * @param {import('./points.mjs').Point} point
 * @param {{ cycle: string, waves?: number, onDown?: () => Promise<void> }}
 *   options `cycle` names its events; `onDown` runs while the victim is away
 * @returns {Promise<{ point: string, wasHit: boolean, place?: string,
 *   hasDied: boolean, problems: string[], counts: object, ms: number }>}
 */
export async function runCycle(lab, point, { cycle, waves, onDown }) {
  const startedAt = performance.now();
  const victim = lab.victims[point.victim];
  const trace = await arm(lab, point, cycle);
  const armedLife = victim.life;
  await work(lab, cycle, {
    waves: waves ?? wavesFor(point),
    isOver: () => armedLife.hasEnded,
    drains: point.victim === 'broker',
  });
  if (point.error) await until(() => armedLife.hasEnded, EXIT_LIMIT_MS);
  const hasDied = armedLife.hasEnded;
  if (hasDied) {
    await onDown?.();
    await trace.end();
    await victim.startHealthy();
  } else {
    await trace.end();
  }
  const hit = findHit(trace.output, point, lab);
  fs.rmSync(trace.output, { force: true });

  // It does its work again, and not only what it had left.
  offer(lab, cycle, `${cycle}-after`);
  const { counts, problems } = await settleAndJudge(lab, cycle, {
    mayResend: point.victim === 'sdk',
    mayRepeatBatch: point.victim !== 'sdk',
  });
  if (point.error && point.victim === 'broker' && hit && !hasDied) {
    // After a failed flush the kernel may have dropped what a retry would
    // report as written.
    problems.push('wrong: the broker went on after its disk had failed');
  }
  return {
    point: nameOf(point),
    wasHit: hit !== undefined,
    place: hit?.place,
    hasDied,
    problems,
    counts,
    ms: performance.now() - startedAt,
  };
}

/** Half more than was traced: the numbers of calls differ from run to run. */
const wavesFor = ({ victim, phase }) =>
  phase === 'start' ? WAVES_OF_A_START : Math.ceil(WAVES[victim] * 1.5);

/**
 * Which durable calls a process makes under the workload of a cycle.
 *
 * @returns {Promise<{ boundaries: ReturnType<typeof boundariesOf>,
 *   problems: string[] }>}
 */
export async function traceCycle(lab, { victim: name, phase }, cycle) {
  const trace = await arm(lab, { victim: name, phase }, cycle);
  await work(lab, cycle, {
    waves: phase === 'start' ? WAVES_OF_A_START : WAVES[name],
    isOver: () => false,
    drains: name === 'broker',
  });
  if (phase === 'start') {
    await lab.victims[name].kill();
    await trace.end();
    await lab.victims[name].startHealthy();
  } else {
    await trace.end();
  }
  const calls = readCalls(trace.output);
  fs.rmSync(trace.output, { force: true });
  const { problems } = await settleAndJudge(lab, cycle, {
    mayResend: true,
    mayRepeatBatch: true,
  });
  return { boundaries: boundariesOf(calls, placesOf(lab)), problems };
}

/** Puts the tracer in place: around a new life, or onto the one that runs. */
async function arm(lab, point, cycle) {
  const victim = lab.victims[point.victim];
  const output = path.join(lab.dir, `trace-${victim.lives}`);
  const injection = point.call && point;
  if (point.phase !== 'start') {
    if (!victim.isRunning) await victim.startHealthy();
    const thread = threadsOf(victim.pid)[point.phase];
    const tracer = await attach(thread, {
      output,
      injection,
      isOneThread: true,
    });
    return { output, end: tracer.detach };
  }
  await leaveWork(lab, cycle, point.victim);
  await victim.kill();
  if (point.victim === 'gateway') {
    // A gateway that never ran here: it has to fetch its snapshot and keep it.
    fs.rmSync(path.join(lab.dir, 'gateway'), { recursive: true, force: true });
  }
  await victim.start({ prefix: straceCommand({ output, injection }) });
  const { ended } = victim.life;
  return {
    output,
    // A process that lives on under the tracer is started anew without it.
    async end() {
      if (victim.isRunning) {
        await victim.kill();
        await victim.startHealthy();
      }
      await ended;
    },
  };
}

/**
 * Gives the next life something to find: events in the queue of a sender that
 * is killed before they have their answer, or on the broker.
 */
async function leaveWork(lab, cycle, victim) {
  const events = offer(lab, cycle, `${cycle}-left`);
  const entries = events.map(({ id }) => lab.journal.entries.get(id));
  await until(
    () =>
      victim === 'sdk'
        ? entries.some(({ isKept }) => isKept)
        : events.every(({ id }) => isAnswered(lab.journal, id)),
    ANSWER_LIMIT_MS,
  );
}

/** Sends wave after wave, each after the one before has been answered. */
async function work(lab, cycle, { waves, isOver, drains }) {
  for (let wave = 0; wave < waves && !isOver(); wave += 1) {
    const events = offer(lab, cycle, `${cycle}-${wave}`);
    await until(
      () => isOver() || events.every(({ id }) => isAnswered(lab.journal, id)),
      ANSWER_LIMIT_MS,
    );
  }
  if (!drains) return;
  // Acknowledgements are commits too.
  try {
    while (!isOver() && (await lab.drain.drainOnce()) > 0);
  } catch (error) {
    if (!isOver() && error.code === undefined) throw error;
  }
}

/** Hands the sender one wave of new events. */
export function offer(lab, cycle, prefix) {
  const events = makeWave(prefix);
  events.forEach(event => lab.journal.offer(event, cycle));
  lab.victims.sdk.send({
    type: 'send',
    events: events.map(({ id, type, data }) => ({ id, type, data })),
  });
  return events;
}

/** Whether nothing more is to come for an event. */
export function isAnswered(journal, id) {
  return (
    journal.entries.get(id).verdict !== undefined || journal.notTaken.has(id)
  );
}

/**
 * Lets the sender finish what its queue has, takes everything off the broker
 * and asks the oracle about the events of the cycle.
 */
export async function settleAndJudge(lab, cycle, allowances) {
  const problems = [];
  const journal = lab.journal.of(cycle);
  journal.forEach(entry => Object.assign(entry, allowances));
  if (!(await flush(lab, cycle))) {
    problems.push(
      `stuck: the sender does not finish; it says: ${lab.victims.sdk
        .lastWords()
        .split('\n')
        .slice(-3)
        .join(' | ')}`,
    );
  }
  await drainAll(lab, journal);
  const verdict = judge(journal, lab.drain.copies);
  problems.push(...verdict.problems, ...lab.drain.problems.splice(0));
  for (const drop of lab.journal.drops.splice(0)) {
    problems.push(`lost: the queue dropped ${drop.events} (${drop.reason})`);
  }
  const { problems: _, ...counts } = verdict;
  return { counts, problems };
}

/** @returns {Promise<boolean>} whether the sender has no event left */
async function flush(lab, cycle) {
  let isFlushed = false;
  lab.journal.listen(message => {
    if (message.type === 'flushed' && message.tag === cycle) isFlushed = true;
  });
  lab.victims.sdk.send({ type: 'flush', tag: cycle });
  const isInTime = await until(
    () => isFlushed || !lab.victims.sdk.isRunning,
    ANSWER_LIMIT_MS,
  );
  return isInTime && isFlushed;
}

/**
 * Takes messages until everything that was promised is there and nothing more
 * comes. What is missing when the time is over is missing.
 */
async function drainAll(lab, journal) {
  const isThere = ({ id, verdict, sends }) =>
    lab.drain.copies.has(id) ||
    !(
      verdict ||
      sends.some(
        ({ outcome }) => outcome === 'accepted' || outcome === 'refused',
      )
    );
  await until(async () => {
    try {
      const count = await lab.drain.drainOnce();
      return count === 0 && journal.every(isThere);
    } catch {
      return false;
    }
  }, DRAIN_LIMIT_MS);
}

/** The call at which the fault happened, when it did, and where. */
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

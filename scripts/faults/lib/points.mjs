import path from 'node:path';
import { SetupError } from '../../lib/errors.mjs';

/**
 * One place in the life of one process at which something is made to happen:
 * `gateway:write:17` is the 17th write of its main thread since the workload
 * began, `broker.pool:fdatasync:5` the 5th fdatasync of the thread that waits
 * for the disk, and `gateway@start:fsync:1` the first fsync of a start. With an
 * error at its end, as in `broker.pool:fdatasync:5:EIO`, the call fails; without
 * one the process is killed before the call has done anything. Of the worker all
 * threads are watched, and the first to make its N-th call is the one;
 * `ledger:fdatasync:3` is met by a server process of the database that works for
 * the worker.
 *
 * @typedef {{ victim: string, phase: 'main' | 'pool' | 'start', call: string,
 *   ordinal: number, error?: string }} Point
 */

const SUFFIXES = { main: '', pool: '.pool', start: '@start' };

/** @param {Point} point */
export function nameOf({ victim, phase, call, ordinal, error }) {
  return [`${victim}${SUFFIXES[phase]}`, call, ordinal, error]
    .filter(Boolean)
    .join(':');
}

/** @returns {Point} */
export function parsePoint(text) {
  const match =
    /^(broker|gateway|sdk|worker|ledger)(\.pool|@start)?:([a-z0-9_]+):([1-9]\d*)(?::(E[A-Z]+))?$/.exec(
      text,
    );
  if (!match) {
    throw new SetupError({
      what: `'${text}' names no point.`,
      why: 'A point is a process, a call and its number, such as gateway:write:17, broker@start:fsync:2 or sdk.pool:fdatasync:5:EIO.',
      todo: 'Copy it from the line that a campaign printed.',
    });
  }
  const [, victim, suffix = '', call, ordinal, error] = match;
  return {
    victim,
    phase: Object.keys(SUFFIXES).find(each => SUFFIXES[each] === suffix),
    call,
    ordinal: Number(ordinal),
    error,
  };
}

/**
 * What a call works on, in words that stay the same from run to run; undefined
 * when nobody else ever sees it: logs, and what threads tell each other.
 *
 * @param {string} target as strace names it
 * @param {{ dirs: string[], ports: Record<string, number> }} lab
 */
export function placeOf(target, { dirs, ports }) {
  const connection = /^TCP(?:v6)?:\[(.+)->(.+)\]$/.exec(target);
  if (connection) {
    const [near, far] = connection
      .slice(1)
      .map(address => Number(address.split(':').at(-1)));
    const named = Object.entries(ports).find(([, port]) => port === far);
    if (named) return `to ${named[0]}`;
    const own = Object.entries(ports).find(([, port]) => port === near);
    return own ? `reply of ${own[0]}` : undefined;
  }
  const dir = dirs.find(each => target.startsWith(`${each}/`));
  if (dir === undefined) return undefined;
  const relative = path.relative(dir, target);
  if (relative.startsWith('logs/')) return undefined;
  // Names of files carry numbers and random parts.
  return relative.replace(/[0-9a-f]*\d[0-9a-f-]*/g, '#');
}

/**
 * The places at which a process can be met, in the order in which they come.
 * Of several threads an injection acts in the first that gets there.
 *
 * @param {ReturnType<import('./strace.mjs').readCalls>} calls
 */
export function boundariesOf(calls, lab) {
  const seen = new Set();
  return calls.flatMap(({ call, ordinal, target }) => {
    const key = `${call}:${ordinal}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const place = placeOf(target, lab);
    return place === undefined ? [] : [{ call, ordinal, place }];
  });
}

/**
 * Chooses points so that every kind (call and place) has its turn: rare kinds
 * are all taken before frequent ones fill the rest.
 *
 * @template {{ call: string, place: string }} T
 * @param {T[]} boundaries
 * @param {ReturnType<import('./random.mjs').createRandom>} random
 * @returns {T[]} all of them, in the order in which they should be used
 */
export function spread(boundaries, random) {
  const kinds = new Map();
  for (const boundary of random.shuffle(boundaries)) {
    const kind = `${boundary.call} ${boundary.place}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), boundary]);
  }
  const ordered = [];
  const queues = [...kinds.values()];
  while (queues.some(queue => queue.length > 0)) {
    for (const queue of queues) {
      const next = queue.shift();
      if (next) ordered.push(next);
    }
  }
  return ordered;
}

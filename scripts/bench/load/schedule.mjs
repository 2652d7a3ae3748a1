/**
 * When requests are due, in milliseconds from the start.
 *
 * `fixed` spaces them evenly; `poisson` draws the gaps of independent senders,
 * as real traffic has them. The schedule never waits for a reply: that is what
 * makes the load open.
 *
 * @param {{ perSecond: number, arrival: 'fixed' | 'poisson', seed?: number }} options
 * @returns {() => number} the next due time
 */
export function createSchedule({ perSecond, arrival, seed = 1 }) {
  const gapMs = 1000 / perSecond;
  let at = 0;
  if (arrival === 'fixed') {
    return () => {
      const due = at;
      at += gapMs;
      return due;
    };
  }
  const random = createRandom(seed);
  return () => {
    at += -Math.log(1 - random()) * gapMs;
    return at;
  };
}

/** Repeatable numbers from 0 to 1 (mulberry32): a run can be run again. */
export function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 5;

/**
 * Waits until a condition holds.
 *
 * @param {() => unknown} condition may be asynchronous
 * @param {number} limitMs
 * @returns {Promise<boolean>} false when the time was over first
 */
export async function until(condition, limitMs) {
  const deadline = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > deadline) return false;
    await pause(POLL_MS);
  }
  return true;
}

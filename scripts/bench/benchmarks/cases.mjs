import { measure } from '../load/measure.mjs';
import { drain } from '../bed/drain.mjs';
import { median } from '../load/latencies.mjs';
import { count, ms } from '../report/numbers.mjs';

/** Before each run; what is compiled while it runs is compiled then. */
export const WARM_UP_MS = 2_000;

/** Accepted events per second. */
export const perSecond = ({ accepted, seconds }) => accepted / seconds;

/** The median over runs of what is read from each. */
export const medianOf = (results, read) => median(results.map(read));

/**
 * Runs each case once per round, so that a machine that changes its speed
 * changes it for all of them.
 *
 * @param {Record<string, (options: { warmUpMs: number, durationMs: number,
 *   seed: number }) => Promise<object>>} cases
 * @param {import('./types').Context} context
 * @returns {Promise<Record<string, object[]>>} the results of each case
 */
export async function takeTurns(cases, { seconds, runs, say }) {
  const results = Object.fromEntries(
    Object.keys(cases).map(name => [name, []]),
  );
  for (let round = 1; round <= runs; round++) {
    for (const [name, run] of Object.entries(cases)) {
      const result = await run({
        warmUpMs: WARM_UP_MS,
        durationMs: seconds * 1000,
        seed: round,
      });
      results[name].push(result);
      const { p50, p99 } = result.latencyMs;
      say(
        `run ${round}  ${name.padEnd(16)} ${count(perSecond(result)).padStart(
          9,
        )} events/s   p50 ${ms(p50)} ms   p99 ${ms(p99)} ms`,
      );
    }
  }
  return results;
}

/**
 * Runs one load against the gateway, and then takes everything off the broker:
 * a benchmark whose replies promise more than is there is void.
 *
 * @param {Awaited<ReturnType<import('../bed/startBed.mjs').startBed>>} bed
 * @param {import('../load/runLoad.mjs').Load} load
 * @returns the measurement, with what was `stored`
 * @throws Error when anything but acceptance was answered, or events are missing
 */
export async function measureAndVerify(bed, load) {
  const result = await measure(load, bed.pids);
  requireAllAccepted(result);
  const stored = await requireStored(bed, result.overall.accepted);
  return { ...result, stored };
}

/** @throws Error unless every reply said 200 and every request got one */
export function requireAllAccepted({ overall, unanswered }) {
  const isClean =
    Object.keys(overall.statuses).join() === '200' &&
    Object.keys(overall.broken).length === 0 &&
    unanswered === 0;
  if (!isClean) {
    const { statuses, broken, complaint } = overall;
    throw new Error(
      `Void: not everything was accepted: ${JSON.stringify({
        statuses,
        broken,
        unanswered,
        complaint,
      })}`,
    );
  }
}

/** @throws Error unless the broker holds exactly what was accepted, each once */
export async function requireStored(bed, accepted) {
  const stored = await drain(bed.pubsub, bed.subscriptions.accepted, accepted);
  if (stored.events !== accepted || stored.repeatedIds > 0) {
    throw new Error(
      `Void: ${accepted} events were accepted, ${stored.events} are on the broker, ${stored.repeatedIds} ids came twice in a sample of ${stored.opened}`,
    );
  }
  return stored;
}

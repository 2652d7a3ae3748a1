import { percentile } from './latencies.mjs';
import { createSchedule } from './schedule.mjs';

/**
 * Requests of any kind, due by a schedule of their own, whatever the server
 * does. Latency counts from the moment a request was due, so a stall shows with
 * everything it delayed.
 *
 * @param {{ perSecond: number, durationMs: number, seed?: number,
 *   arrival?: 'fixed' | 'poisson',
 *   send: (index: number) => Promise<unknown> }} options `send` resolves once the
 *   whole answer is there; an error is counted
 * @returns {Promise<{ requests: number, failed: number, why?: string,
 *   latencyMs: { p50: number, p95: number, p99: number, max: number },
 *   lagP99Ms: number }>} `lagP99Ms`: how late the generator was
 */
export async function openLoop(options) {
  const { perSecond, durationMs, send, seed, arrival = 'poisson' } = options;
  const next = createSchedule({ perSecond, arrival, seed });
  const startedAt = performance.now();
  const latencies = [];
  const lags = [];
  const running = [];
  let failed = 0;
  let why;
  for (let index = 0, due = next(); due < durationMs; due = next(), index++) {
    const waitMs = startedAt + due - performance.now();
    // With nothing to wait for, what runs must still get its turn.
    await new Promise(resolve => setTimeout(resolve, Math.max(0, waitMs)));
    lags.push(Math.max(0, performance.now() - startedAt - due));
    const dueAt = startedAt + due;
    running.push(
      send(index).then(
        () => latencies.push(performance.now() - dueAt),
        error => {
          failed += 1;
          why ??= error.message;
        },
      ),
    );
  }
  await Promise.all(running);
  return {
    requests: running.length,
    failed,
    ...(why !== undefined && { why }),
    latencyMs: shares(latencies),
    lagP99Ms: percentile(Float64Array.from(lags).sort(), 0.99),
  };
}

/** @param {number[]} samplesMs */
export function shares(samplesMs) {
  const sorted = Float64Array.from(samplesMs).sort();
  return {
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    max: percentile(sorted, 1),
  };
}

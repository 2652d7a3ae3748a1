import { median } from '../load/latencies.mjs';
import { count, ms } from './numbers.mjs';
import { table } from './table.mjs';

const NAMES = ['p50', 'p90', 'p99', 'p999', 'max'];

/**
 * Latencies of open loads in milliseconds, medians of the runs.
 *
 * @param {Record<string, { requests: number, seconds: number,
 *   latencyMs: object, lagMs: object }[]>} cases
 * @param {Record<string, string>} titles of the cases
 */
export function latencyTable(cases, titles) {
  const of = (results, read) => median(results.map(read));
  return table(
    ['latency, ms', 'requests/s', ...NAMES, 'generator late, p99'],
    Object.entries(cases).map(([name, results]) => [
      titles[name],
      count(of(results, each => each.requests / each.seconds)),
      ...NAMES.map(each => ms(of(results, ({ latencyMs }) => latencyMs[each]))),
      ms(of(results, ({ lagMs }) => lagMs.p99)),
    ]),
  );
}

import { median } from '../load/latencies.mjs';
import { table } from './table.mjs';

/**
 * Cores kept busy by each process, medians of the runs.
 *
 * @param {Record<string, { cpu: { cores: Record<string, number>,
 *   machineCores: number } }[]>} cases
 * @param {Record<string, string>} titles of the cases
 * @param {Record<string, string>} processes columns: key in `cores`, and title
 */
export function cpuTable(cases, titles, processes) {
  const cell = (results, name) => {
    const values = results.map(({ cpu }) => cpu.cores[name]);
    return values.every(Number.isFinite) ? median(values).toFixed(2) : '';
  };
  return table(
    ['cores busy', ...Object.values(processes), 'machine'],
    Object.entries(cases).map(([name, results]) => [
      titles[name],
      ...Object.keys(processes).map(each => cell(results, each)),
      median(results.map(({ cpu }) => cpu.machineCores)).toFixed(2),
    ]),
  );
}

import { watchCpu } from '../bed/cpu.mjs';
import { startLoad } from './startLoad.mjs';

/**
 * Runs one load and watches the CPU of the given processes and of the load
 * generator while it counts.
 *
 * @param {import('./runLoad.mjs').Load} load
 * @param {Record<string, number>} pids
 */
export async function measure(load, pids) {
  let finish;
  let cpu;
  // Of the clock that CPU profiles use.
  const window = {};
  const nowUs = () => Number(process.hrtime.bigint() / 1000n);
  const result = await startLoad(load, {
    onMeasuring: pid => {
      window.fromUs = nowUs();
      finish = watchCpu({ ...pids, generator: pid });
    },
    onMeasured: () => {
      window.toUs = nowUs();
      cpu = finish();
    },
  });
  return { ...result, cpu, window };
}

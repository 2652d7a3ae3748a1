import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const generator = fileURLToPath(
  new URL('../loadGenerator.mjs', import.meta.url),
);

/**
 * Runs one load in a process of its own.
 *
 * @param {import('./runLoad.mjs').Load} load
 * @param {{ onMeasuring?: (pid: number) => void, onMeasured?: () => void }} [events]
 */
export function startLoad(load, { onMeasuring, onMeasured } = {}) {
  const child = fork(generator, [], { execArgv: [] });
  return new Promise((resolve, reject) => {
    child.on('message', message => {
      switch (message.type) {
        case 'measuring':
          onMeasuring?.(child.pid);
          break;
        case 'measured':
          onMeasured?.();
          break;
        case 'result':
          resolve(message.result);
          break;
        default:
          reject(new Error(message.message));
      }
    });
    child.on('error', reject);
    child.on('exit', code =>
      reject(new Error(`The load generator ended with ${code}`)),
    );
    child.send(load);
  });
}

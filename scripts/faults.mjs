// `npm run faults -- <campaign>`: kills, failing calls, full disks and outages
// for the way of an event, and an oracle that compares what was promised with
// what is there. Set-up runs here; the campaigns run on the Node it found.
import path from 'node:path';
import { spawn } from 'node:child_process';
import { exitCodeOf, runMain, STOP_SIGNALS } from './lib/main.mjs';
import { prepare } from './lib/prepare.mjs';
import { root } from './lib/project.mjs';

await runMain(async () => {
  const { node, env } = await prepare({ portal: false });
  const main = path.join(root, 'scripts/faults/main.mjs');
  const child = spawn(node, [main, ...process.argv.slice(2)], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  // Ctrl-C reaches the campaign as well; it ends what it started.
  for (const signal of STOP_SIGNALS) {
    process.removeAllListeners(signal);
    process.on(signal, () => child.kill(signal));
  }
  return new Promise(resolve => {
    child.on('exit', (code, signal) => resolve(code ?? exitCodeOf(signal)));
  });
});

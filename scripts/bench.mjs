// `npm run bench -- <name>`: measures Millrace in real processes.
//
// The set-up is that of the other commands; the benchmark itself is a process
// of its own (scripts/bench/main.mjs), run with the Node that Millrace runs on.
import path from 'node:path';
import { spawn } from 'node:child_process';
import { parseBenchArgs, HELP } from './bench/options.mjs';
import { exitCodeOf, runMain, STOP_SIGNALS } from './lib/main.mjs';
import { prepare } from './lib/prepare.mjs';
import { root } from './lib/project.mjs';

await runMain(async () => {
  const args = process.argv.slice(2);
  if (parseBenchArgs(args).help) {
    process.stdout.write(HELP);
    return 0;
  }
  const { node, env } = await prepare({ portal: false });
  const child = spawn(
    node,
    [path.join(root, 'scripts/bench/main.mjs'), ...args],
    {
      cwd: root,
      env,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      detached: true,
    },
  );
  let stoppedBy;
  for (const signal of STOP_SIGNALS) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      stoppedBy = signal;
      child.kill('SIGTERM');
    });
  }
  return new Promise(resolve => {
    child.on('exit', (code, signal) =>
      resolve(code ?? exitCodeOf(stoppedBy ?? signal)),
    );
  });
});

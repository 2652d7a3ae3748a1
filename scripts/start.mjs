// `npm start`: from a bare machine to a running Millrace.
//
// Set-up happens here, in plain JavaScript that any Node from 18 on can run;
// `millrace up` (packages/runtime) then starts everything and stays until
// Ctrl-C. It runs in a process group of its own: a terminal sends Ctrl-C to a
// whole group, and the parts must stop in order, not all at once.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { root } from './lib/project.mjs';
import { prepare } from './lib/prepare.mjs';
import { exitCodeOf, runMain, STOP_SIGNALS } from './lib/main.mjs';
import { checkUpFlags } from './lib/upFlags.mjs';

const HELP = `Usage: npm start -- [options]

  --port <n>        port of the portal; the gateway, broker and database take
                    the three ports after it (default 7007)
  --data-dir <dir>  where all state lies (default .millrace)
  --bucket <dur>    length of a partition, PT1H or a part of an hour such as
                    PT1M (default PT1M with the demo, PT1H without)
  --config <file>   more settings, over app-config.yaml; may be given again, and
                    the last one wins
  --no-demo         start without the demo events
  --reset           delete the data directory first
  --smoke           run the demo in a directory of its own until 20 event types
                    are sealed, check it with the oracle, print one JSON line
  --help            this text
`;

const startedAt = Date.now();

await runMain(async () => {
  const args = process.argv.slice(2);
  if (checkUpFlags(args, process.env).help) {
    process.stdout.write(HELP);
    return 0;
  }
  const { node, env } = await prepare({ portal: true });
  return await up(node, args, {
    ...env,
    MILLRACE_STARTED_AT: String(startedAt),
  });
});

function up(node, args, env) {
  const child = spawn(
    node,
    [path.join(root, 'packages/runtime/bin/millrace'), 'up', ...args],
    {
      cwd: root,
      env,
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
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
      // Stopped in its first moments, it could not handle the signal yet.
      resolve(code ?? exitCodeOf(stoppedBy ?? signal)),
    );
  });
}

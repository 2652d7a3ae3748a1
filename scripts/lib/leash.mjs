// Runs a command that must not outlive the one who asked for it:
//
//   node leash.mjs <program> [arguments]
//
// Standard input is the leash. It closes when its other end is gone, even by
// kill -9; then the whole process group is ended. Otherwise an install that
// nobody waits for would go on beside the next one.
import { spawn } from 'node:child_process';

const [program, ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
child.on('error', error => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
child.on('exit', (code, signal) => {
  // The same end as the command's, so that it can be explained.
  if (signal) process.kill(process.pid, signal);
  else process.exit(code);
});
// 0 means every process of the group, this one included.
process.stdin.on('end', () => process.kill(0, 'SIGTERM')).resume();

import fs from 'node:fs';
import path from 'node:path';

/** Scripts of child processes, as real as they are small. */
export const childScripts = {
  /** Says ready, and ends on SIGTERM or when its parent is gone. */
  good: `
    process.on('SIGTERM', () => process.exit(0));
    process.on('disconnect', () => process.exit(0));
    setInterval(() => {}, 1000);
    process.send({ type: 'ready' });`,
  /** Says ready and holds out against SIGTERM. */
  stubborn: `
    process.on('SIGTERM', () => {});
    setInterval(() => {}, 1000);
    process.send({ type: 'ready' });`,
  /** Never becomes ready. */
  hanging: `setInterval(() => {}, 1000);`,
  /** Ends at once. */
  crashing: `process.exit(3);`,
};

/** Whether a process exists; one that ended and was reaped does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // One whose parent has not reaped it is dead all the same.
    const stat = fs.readFileSync(path.join('/proc', String(pid), 'stat'));
    return !/\) Z /.test(stat.toString());
  } catch {
    return false;
  }
}

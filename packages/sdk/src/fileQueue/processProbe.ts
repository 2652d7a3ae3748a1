import { readFile, readlink } from 'node:fs/promises';
import { isCode } from './nodeDisk';

/** Tells whether the process that left a claim still runs. */
export interface ProcessProbe {
  /** What this process leaves behind, as JSON. */
  self(): Promise<object>;
  /** @param claimant what `self` of some process gave, or anything else */
  judge(claimant: unknown): Promise<'alive' | 'dead' | 'unknown'>;
}

/** Names one process for all time, as far as the system allows. */
interface Claimant {
  pid: number;
  /** Start of the process in clock ticks since boot; tells reused ids apart. */
  startedAt?: string;
  boot?: string;
  machine?: string;
  pidNamespace?: string;
}

/** Asks the kernel: /proc on Linux, signal 0 elsewhere. */
export const nodeProcessProbe: ProcessProbe = {
  self: () => describe(process.pid),

  async judge(value) {
    if (!isClaimant(value)) {
      return 'unknown';
    }
    const self = await describe(process.pid);
    if (self.machine !== value.machine || self.machine === undefined) {
      return 'unknown';
    }
    if (self.boot !== value.boot) {
      // The machine was started again since.
      return 'dead';
    }
    if (self.pidNamespace !== value.pidNamespace) {
      return 'unknown';
    }
    if (value.startedAt === undefined || self.startedAt === undefined) {
      return isRunning(value.pid) ? 'unknown' : 'dead';
    }
    const startedAt = await readStartTime(value.pid);
    return startedAt === value.startedAt ? 'alive' : 'dead';
  },
};

async function describe(pid: number): Promise<Claimant> {
  const [startedAt, boot, machine, pidNamespace] = await Promise.all([
    readStartTime(pid),
    readText('/proc/sys/kernel/random/boot_id'),
    readText('/etc/machine-id'),
    readlink('/proc/self/ns/pid').catch(() => undefined),
  ]);
  // Without an id of the machine, one boot stands for it: another boot is then
  // taken for another machine.
  return { pid, startedAt, boot, machine: machine ?? boot, pidNamespace };
}

/** Field 22 of /proc/<pid>/stat; the name in field 2 may hold anything. */
async function readStartTime(pid: number): Promise<string | undefined> {
  const text = await readText(`/proc/${pid}/stat`);
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended; it only has not been buried.
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim() || undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isCode(error, 'ESRCH');
  }
}

function isClaimant(value: unknown): value is Claimant {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    Number.isSafeInteger(value.pid)
  );
}

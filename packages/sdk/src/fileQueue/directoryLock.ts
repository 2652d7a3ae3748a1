import { join } from 'node:path';
import { uuidv4 } from 'uuidv7';
import { ProducerError } from '../errors';
import { Clock } from '../types';
import { Disk } from './disk';
import { isCode } from './nodeDisk';
import { ProcessProbe } from './processProbe';

/*
 * How a directory is held by one process
 *
 * Holders are numbered. The file `lock/<number>` names its holder, and the one
 * with the greatest number holds the directory. To follow a holder that has
 * ended, or has released the directory (`<number>.released`), a process creates
 * the next number by link(2), which only one can do; then it looks whether its
 * number is still the greatest, as it may have slept since it judged the holder.
 * The greatest number is never removed, so a process that judged long ago can
 * not find its number free and be the greatest as well.
 *
 * Whether a holder has ended is decided by the kernel where possible: process id
 * and start time, in the same boot and process namespace. A process id that is
 * in use again has another start time. Where the kernel cannot say (another
 * container, another machine, no /proc), the holder's heartbeat decides: one
 * that does not touch its file for `STALE_AFTER_MS`, by our own clock, is taken
 * to have ended. If it only slept, `isHeld` tells it when it wakes. The queue
 * asks that between writing an event and confirming it: what a former holder
 * writes is never confirmed.
 */

const HEARTBEAT_MS = 2_000;
/** How long without a heartbeat means ended, where nothing better is known. */
export const STALE_AFTER_MS = 15_000;
const LOOK_AGAIN_MS = 250;

/** A directory that this process holds. */
export interface DirectoryLock {
  /** Asks the directory, not memory. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

export interface DirectoryLockOptions {
  directory: string;
  disk: Disk;
  probe: ProcessProbe;
  /** Its timers must not keep the process running. */
  clock: Clock;
  /** How long to wait for a holder that is alive. */
  waitMs: number;
}

/**
 * Takes the directory.
 *
 * @throws ProducerError `queue_locked` when another process holds it, or the
 * error of the disk
 */
export async function lockDirectory(
  options: DirectoryLockOptions,
): Promise<DirectoryLock> {
  const { disk, clock, waitMs } = options;
  const folder = join(options.directory, 'lock');
  await disk.makeDirectory(folder);
  const startedAt = clock.now();
  let watched: { file: string; beat: number; since: number } | undefined;
  for (;;) {
    const number = greatest(await disk.list(folder));
    const file = join(folder, String(number));
    const holder = await judgeHolder(options, file);
    const now = clock.now();
    if (watched?.file !== file || watched.beat !== holder.beat) {
      watched = { file, beat: holder.beat, since: now };
    }
    const isStale = now - watched.since >= STALE_AFTER_MS;
    if (holder.is === 'dead' || (holder.is === 'unknown' && isStale)) {
      const lock = await claim(options, folder, number + 1);
      if (lock) {
        return lock;
      }
      continue;
    }
    // One that cannot be judged may still turn out to have ended.
    const limitMs =
      holder.is === 'alive' || now - startedAt > 2 * STALE_AFTER_MS
        ? waitMs
        : Infinity;
    if (now - startedAt >= limitMs) {
      throw new ProducerError(
        'queue_locked',
        'Another live process holds the directory of the queue; give each process a directory of its own',
      );
    }
    await new Promise<void>(resolve => {
      clock.schedule(resolve, LOOK_AGAIN_MS);
    });
  }
}

async function judgeHolder(
  { disk, probe }: DirectoryLockOptions,
  file: string,
): Promise<{ is: 'alive' | 'dead' | 'unknown'; beat: number }> {
  try {
    const beat = await disk.changedAt(file);
    const claimant = parse(await disk.readFile(file));
    return { is: await probe.judge(claimant), beat };
  } catch (error) {
    if (isCode(error, 'ENOENT')) {
      // Nobody yet, or released, or just followed by a greater number.
      return { is: 'dead', beat: 0 };
    }
    throw error;
  }
}

/** Makes the next number ours, unless somebody else was faster. */
async function claim(
  options: DirectoryLockOptions,
  folder: string,
  number: number,
): Promise<DirectoryLock | undefined> {
  const { disk, probe, clock } = options;
  const own = join(folder, String(number));
  const draft = join(folder, `claim-${uuidv4()}`);
  try {
    const file = await disk.create(draft);
    const claimant = JSON.stringify(await probe.self());
    await file.write(Buffer.from(claimant), 0).finally(() => file.close());
    await disk.link(draft, own);
  } catch (error) {
    if (isCode(error, 'EEXIST') || isCode(error, 'ENOENT')) {
      return undefined;
    }
    throw error;
  } finally {
    await disk.remove(draft).catch(() => {});
  }
  const isHeld = async () => {
    const names = await disk.list(folder);
    return greatest(names) === number && names.includes(String(number));
  };
  if (!(await isHeld())) {
    await disk.remove(own);
    return undefined;
  }
  await removeOlder(disk, folder, number);

  let cancelBeat = () => {};
  const beat = () => {
    cancelBeat = clock.schedule(() => {
      // A disk that refuses this refuses events as well, and is noticed there.
      disk.touch(own).catch(() => {});
      beat();
    }, HEARTBEAT_MS);
  };
  beat();
  return {
    isHeld,
    async release() {
      cancelBeat();
      await disk.rename(own, `${own}.released`).catch(error => {
        if (!isCode(error, 'ENOENT')) {
          throw error;
        }
      });
    },
  };
}

/** Smallest first, so that a former holder always sees that it is one. */
async function removeOlder(disk: Disk, folder: string, number: number) {
  const names = await disk.list(folder);
  const older = names
    .filter(name => !(parseInt(name, 10) >= number))
    .sort((a, b) => parseInt(a, 10) - parseInt(b, 10));
  for (const name of older) {
    await disk.remove(join(folder, name));
  }
}

/** The greatest number among names like `7` and `7.released`; 0 without any. */
function greatest(names: readonly string[]): number {
  return names
    .filter(name => /^\d+(\.released)?$/.test(name))
    .reduce((most, name) => Math.max(most, parseInt(name, 10)), 0);
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    // A power cut may leave a name without its content.
    return undefined;
  }
}

import fs from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/**
 * Tells whether a process lives and, where the system lets us look, whether
 * its command line holds `word`: process ids are reused.
 */
export async function isAlive(pid: number, word: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const commandLine = await fs
    .readFile(`/proc/${pid}/cmdline`, 'utf8')
    .catch(() => undefined);
  return commandLine === undefined || commandLine.includes(word);
}

/** Waits until a process is gone; gives false when it outlives the limit. */
export async function waitForExit(
  pid: number,
  word: string,
  limitMs: number,
): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (await isAlive(pid, word)) {
    if (Date.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/**
 * Polls a condition until it gives something.
 *
 * @returns what the condition gave, or undefined when the limit passed
 */
export async function waitFor<T>(
  condition: () => Promise<T | undefined>,
  { limitMs, pollMs = 200 }: { limitMs: number; pollMs?: number },
): Promise<T | undefined> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const result = await condition();
    if (result !== undefined) return result;
    if (Date.now() > deadline) return undefined;
    await delay(pollMs);
  }
}

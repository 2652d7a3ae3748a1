import os from 'node:os';
import { explainFailure, SetupError } from './errors.mjs';
import { stopRunning } from './steps.mjs';

/** Ctrl-C, a polite kill, and the end of the terminal. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The exit code by which shells know that a signal ended a command. */
export function exitCodeOf(signal) {
  return 128 + (os.constants.signals[signal] ?? 0);
}

/**
 * Runs a command's main function: Ctrl-C ends what it started, an expected
 * failure is printed as what, why and what to do, and the exit code tells.
 *
 * @param {() => Promise<number | void>} main
 */
export async function runMain(main) {
  // A terminal that was closed, or a reader such as `head` that went away,
  // must not keep what was started from being ended in order.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => {});
  }
  let isStopping = false;
  for (const signal of STOP_SIGNALS) {
    process.on(signal, async () => {
      if (isStopping) return;
      isStopping = true;
      await stopRunning();
      process.stderr.write('\nStopped. Run the same command to go on.\n');
      process.exit(exitCodeOf(signal));
    });
  }
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    // What fails now fails because it was stopped.
    if (isStopping) return;
    await stopRunning();
    process.stderr.write(`${describe(error)}\n`);
    process.exitCode = 1;
  }
}

function describe(error) {
  if (error instanceof SetupError) return error;
  // The set-up's own files: a full disk, or a folder of another user.
  const isAboutFiles = error.syscall && error.path;
  return isAboutFiles
    ? explainFailure({
        what: 'The set-up cannot use one of its files.',
        output: error.message,
      })
    : error.stack;
}

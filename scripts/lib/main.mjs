import { SetupError } from './errors.mjs';
import { stopRunning } from './steps.mjs';

/**
 * Runs a command's main function: Ctrl-C ends what it started, an expected
 * failure is printed as what, why and what to do, and the exit code tells.
 *
 * @param {() => Promise<number | void>} main
 */
export async function runMain(main) {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      stopRunning();
      process.stderr.write('\nStopped. Run the same command to go on.\n');
      process.exit(130);
    });
  }
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    stopRunning();
    process.stderr.write(
      `${error instanceof SetupError ? error : error.stack}\n`,
    );
    process.exitCode = 1;
  }
}

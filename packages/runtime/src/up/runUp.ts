import { whatToDo } from './disk';
import { startInstallation } from './installation';
import type { UpOptions } from './options';
import { progress } from './progress';
import { listenForStop, stopped, StoppedError } from './stopSignal';

/**
 * Starts a Millrace and stays until Ctrl-C or until a part fails.
 *
 * @returns the exit code: 0 when it was stopped, 1 when a part ended by itself
 */
export async function runUp(options: UpOptions): Promise<number> {
  const signal = listenForStop();
  let installation;
  try {
    installation = await startInstallation(options, signal);
  } catch (error) {
    if (error instanceof StoppedError) return 130;
    throw error;
  }
  process.stdout.write(greeting(options, installation.url));

  const failure = await Promise.race([
    stopped(signal).then(() => undefined),
    installation.failed,
  ]);
  if (failure) {
    const log = `${options.dataDir}/logs/${failure}.log`;
    process.stderr.write(
      `\n✖ The ${failure} ended by itself.\n  Do:   ${await whatToDo(
        options.dataDir,
        log,
      )}\n`,
    );
  } else {
    process.stderr.write('\n');
  }
  await progress('Stopping; state is kept', () => installation.stop());
  return failure ? 1 : 0;
}

function greeting({ demo, dataDir, ports, startedAt }: UpOptions, url: string) {
  const seconds = ((Date.now() - startedAt.getTime()) / 1000).toFixed(0);
  return [
    '',
    `Millrace is ready: ${url}`,
    '',
    `  Gateway  http://localhost:${ports.gateway}/v1/events`,
    `  State    ${dataDir}`,
    demo
      ? '  Demo     real GitHub webhook payloads are being sent; the first partitions are sealed in a minute or two'
      : '  Demo     off',
    '',
    `Ready after ${seconds} s. Ctrl-C stops everything; state is kept.`,
    '',
  ].join('\n');
}

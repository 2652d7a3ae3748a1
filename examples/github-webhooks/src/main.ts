import { Flags, parseFlags, USAGE } from './flags';
import { registerGithubEventTypes } from './register';
import { sendGithubWebhooks } from './sender';

function log(message: string) {
  process.stdout.write(`${new Date().toISOString()} ${message}\n`);
}

/** Stops on SIGTERM, and when the process that started this one has gone. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGTERM', stop);
  if (process.send) {
    process.once('disconnect', stop);
    // Ctrl-C in a terminal reaches the parent too, and the parent orders the
    // stop when it is this process's turn.
    process.on('SIGINT', () => {});
  } else {
    process.once('SIGINT', stop);
  }
  return controller.signal;
}

async function main(flags: Flags) {
  const signal = stopSignal();
  process.send?.({ type: 'ready' });
  try {
    const { eventTypes, writeKey } = await registerGithubEventTypes({
      ...flags,
      log,
      signal,
    });
    const summary = await sendGithubWebhooks({
      ...flags,
      eventTypes,
      writeKey,
      signal,
    });
    log(
      `Sent: ${summary.accepted} accepted, ${summary.refused} refused, ${summary.unknown} without a verdict`,
    );
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  }
}

function readFlags(): Flags | undefined {
  try {
    return parseFlags(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return undefined;
  }
}

const flags = readFlags();
if (flags) {
  main(flags).then(
    () => process.exit(0),
    error => {
      process.stderr.write(`${error.stack ?? error}\n`);
      process.exit(1);
    },
  );
} else {
  process.exitCode = 2;
}

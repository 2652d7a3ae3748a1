import { createProducer } from '..';

/**
 * A producer as a process of its own, for tests that kill it: enqueues events
 * as fast as the disk takes them, and prints the id of each once it is durable.
 * The line `ready`, `locked` or the code of an error comes first.
 */
const [gatewayUrl, dir, prefix, mode = 'send'] = process.argv.slice(2);

const producer = createProducer({
  gatewayUrl,
  writeKey: 'mr_key',
  source: '/tests',
  queue: { dir, lockWaitMs: 0 },
  flushIntervalMs: 5,
  maxBatchEvents: 20,
  retry: { initialDelayMs: 5, maxDelayMs: 50 },
  flushOnExit: mode === 'send' ? false : { timeoutMs: 10_000 },
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  try {
    await producer.ready();
  } catch (error) {
    print(String((error as { code: string }).code));
    await producer.close();
    return;
  }
  print('ready');
  if (mode === 'exit') {
    // Enqueued and forgotten: the process is left to end by itself.
    const { id } = await producer.enqueue({ type: 't', data: {} });
    print(id);
    return;
  }
  for (let n = 0; ; n++) {
    const ids = Array.from({ length: 5 }, (_, i) => `${prefix}-${n * 5 + i}`);
    const enqueued = await Promise.allSettled(
      ids.map(id => producer.enqueue({ type: 't', data: { n }, id })),
    );
    if (enqueued.some(({ status }) => status === 'rejected')) {
      return; // A signal has closed the producer.
    }
    ids.forEach(print);
  }
}

void main();

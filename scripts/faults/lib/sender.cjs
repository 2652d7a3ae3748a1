// The program that sends, as an application would: the real SDK, with its file
// queue in MILLRACE_QUEUE_DIR. Told over IPC what to send; it reports each event
// that the queue has taken and each verdict, the moment it learns of them.
require('@backstage/cli/config/nodeTransform.cjs');
const { createProducer } = require('@millrace/sdk');

const {
  MILLRACE_QUEUE_DIR,
  MILLRACE_QUEUE_BYTES,
  MILLRACE_GATEWAY_URL,
  MILLRACE_WRITE_KEY,
} = process.env;
const report = message => process.send?.(message);

const producer = createProducer({
  gatewayUrl: MILLRACE_GATEWAY_URL,
  writeKey: MILLRACE_WRITE_KEY,
  source: '/faults/sender',
  flushIntervalMs: 2,
  retry: { initialDelayMs: 20, maxDelayMs: 200 },
  requestTimeoutMs: 15_000,
  queue: {
    dir: MILLRACE_QUEUE_DIR,
    maxBytes: Number(MILLRACE_QUEUE_BYTES),
    lockWaitMs: 2_000,
  },
  whenFull: 'refuse',
  onVerdict: ({ id, status, reason, pointer }) =>
    report({ type: 'verdict', id, status, reason, pointer }),
  onError: ({ error, status }) =>
    console.log(`${error.code} ${status ?? ''} ${error.message}`),
  onDrop: drop => report({ type: 'drop', ...drop }),
});

async function take(event) {
  try {
    const { isDurable } = await producer.enqueue(event);
    if (isDurable) report({ type: 'kept', id: event.id });
  } catch (error) {
    report({ type: 'notTaken', id: event.id, code: error.code });
  }
}

process.on('message', async message => {
  if (message.type === 'send') message.events.forEach(take);
  if (message.type === 'flush') {
    await producer.flush();
    report({ type: 'flushed', tag: message.tag, stats: producer.stats() });
  }
  if (message.type === 'stop') {
    await producer.close();
    process.exit(0);
  }
});
process.on('disconnect', () => process.exit(0));
// A life that finds the queue unusable ends, as an application would.
producer.ready().then(
  () => report({ type: 'ready' }),
  error => {
    console.log(`${error.code} ${error.message}`);
    process.exit(1);
  },
);

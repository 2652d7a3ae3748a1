// A process that sends load: it takes one load (see load/runLoad.mjs) over its
// IPC channel, says `measuring` and `measured` around what counts, sends back
// what it saw, and ends. It also ends when whoever started it is gone.
import { runLoad } from './load/runLoad.mjs';

process.on('disconnect', () => process.exit(1));
process.once('message', async load => {
  try {
    const result = await runLoad(load, {
      onMeasuring: () => process.send({ type: 'measuring' }),
      onMeasured: () => process.send({ type: 'measured' }),
    });
    process.send({ type: 'result', result }, () => process.exit(0));
  } catch (error) {
    process.send({ type: 'failed', message: error.stack }, () =>
      process.exit(1),
    );
  }
});

import { setTimeout as pause } from 'node:timers/promises';
import { say } from '../lib/report.mjs';
import { STORM } from './load.mjs';
import { createRig } from './rig.mjs';

const SECONDS = 16;

/**
 * A storm of repeats: every event is sent 2 to 50 times over more than two
 * buckets, through two gateways, and of the answers 30 % never reach the sender.
 * In the midst of it the worker is killed once, and so is one of the gateways,
 * whose buckets then close without its word.
 */
export async function runStorm({ node, env, seed, seconds = SECONDS }) {
  say(`a storm of repeats for ${seconds} s`);
  const rig = await createRig({ node, env, seed, name: 'storm', mix: STORM });
  try {
    const { worker, gateway2 } = rig.lab.victims;
    await pause((seconds * 1_000) / 2);
    await worker.kill();
    await worker.startHealthy();
    await gateway2.kill();
    await gateway2.startHealthy();
    await pause((seconds * 1_000) / 2);
    const { problems, figures } = await rig.judge();
    if (figures.removedDuplicates === 0) {
      problems.push('broken: the storm made no duplicate');
    }
    return { problems, figures };
  } finally {
    await rig.close();
  }
}

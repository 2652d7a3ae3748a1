import { setTimeout as pause } from 'node:timers/promises';
import { say } from '../lib/report.mjs';
import { createRig } from './rig.mjs';

const ROUNDS = 16;
const LONGEST_PAUSE_MS = 1_500;

/**
 * Everything that stands between a sender and a sealed partition is killed and
 * started again at random moments, the database and the broker among it.
 */
export async function runRestarts({ node, env, seed, rounds = ROUNDS }) {
  say(`${rounds} restarts at random moments`);
  const rig = await createRig({ node, env, seed, name: 'restarts' });
  const { lab, random, load } = rig;
  const ways = {
    worker: async () => {
      await lab.victims.worker.kill();
      await lab.victims.worker.startHealthy();
    },
    database: async () => {
      await lab.database.kill();
      await pause(random.next() * LONGEST_PAUSE_MS);
      await lab.database.restart();
    },
    broker: async () => {
      await lab.victims.broker.kill();
      await pause(random.next() * LONGEST_PAUSE_MS);
      await lab.victims.broker.startHealthy();
    },
    gateway: async () => {
      await lab.victims.gateway.kill();
      await lab.victims.gateway.startHealthy();
    },
    'worker while the database is away': async () => {
      await lab.database.freeze();
      await pause(random.next() * LONGEST_PAUSE_MS);
      await lab.victims.worker.kill();
      await lab.database.thaw();
      await lab.victims.worker.startHealthy();
    },
    'broker and worker': async () => {
      await Promise.all([lab.victims.broker.kill(), lab.victims.worker.kill()]);
      await lab.victims.broker.startHealthy();
      await lab.victims.worker.startHealthy();
    },
  };
  try {
    const names = Object.keys(ways);
    for (let round = 0; round < rounds; round += 1) {
      const name = names[round % names.length];
      load.setLabel(`${name.replaceAll(' ', '-')}-${round}`);
      await pause(random.next() * LONGEST_PAUSE_MS);
      await ways[name]();
    }
    const { problems, figures } = await rig.judge();
    return { problems, figures: { ...figures, restarts: rounds } };
  } finally {
    lab.database.thaw();
    await rig.close();
  }
}

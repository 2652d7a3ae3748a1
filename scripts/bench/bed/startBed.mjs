import { freePort } from '../../lib/testDatabase.mjs';
import { createDatabase, createTopics, publishConfig } from './provision.mjs';
import { PROJECT, startBroker, startRole, startWorkerRole } from './roles.mjs';

const READY_LIMIT_MS = 30_000;

/**
 * The data plane under test, in processes of their own and with production
 * settings: ledger, broker, gateway, and, where the way to the lake is measured,
 * a worker.
 *
 * @typedef {object} BedOptions
 * @property {string[]} eventTypes all with the same schema
 * @property {Record<string, string[] | undefined>} writeKeys by a name of ours,
 *   the event types each may send; `undefined` allows all
 * @property {string} dir an empty folder on the disk to be measured
 * @property {number} [bucketSeconds] length of a bucket; default an hour
 * @property {{ lakeRoot: string, stagingDir: string }} [worker] with a worker
 * @property {string} [profileDir] writes a CPU profile of each process there
 *
 * @param {import('../benchmarks/types').Context} context
 * @param {BedOptions} options
 */
export async function startBed(context, options) {
  const { eventTypes, dir, profileDir } = options;
  const database = await createDatabase(context);
  const { keys, db } = await publishConfig(context, database, options);
  const { brokerPort, pubsub, broker } = await startBroker(context, {
    dir,
    profileDir,
  });
  const subscriptions = await createTopics(pubsub, eventTypes);

  const gatewayPort = await freePort();
  const gateway = await startRole(
    context,
    'gateway',
    { dir, profileDir },
    {
      MILLRACE_LEDGER_URL: database,
      MILLRACE_PROJECT_ID: PROJECT,
      PUBSUB_EMULATOR_HOST: `127.0.0.1:${brokerPort}`,
      METADATA_SERVER_DETECTION: 'none',
      MILLRACE_GATEWAY_ID: 'bench-gateway',
      MILLRACE_GATEWAY_PORT: String(gatewayPort),
    },
  );
  await untilReady(`http://127.0.0.1:${gatewayPort}/readyz`, gateway);
  const worker =
    options.worker &&
    (await startWorkerRole(context, {
      dir,
      profileDir,
      database,
      brokerPort,
      ...options.worker,
    }));
  return {
    db,
    target: { host: '127.0.0.1', port: gatewayPort, path: '/v1/events' },
    keys,
    brokerPort,
    pubsub,
    subscriptions,
    pids: {
      gateway: gateway.pid,
      broker: broker.pid,
      ...(worker && { worker: worker.pid }),
    },
    /** Ends the processes before the scope does; their profiles are then written. */
    async stop() {
      await gateway.stop();
      await worker?.stop();
      await broker.stop();
    },
  };
}

async function untilReady(url, gateway) {
  const limit = Date.now() + READY_LIMIT_MS;
  for (;;) {
    const reply = await fetch(url).catch(() => undefined);
    if (reply?.ok) return;
    if (Date.now() > limit) {
      throw gateway.describe(
        `The gateway is not ready (${await reply?.text()})`,
      );
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

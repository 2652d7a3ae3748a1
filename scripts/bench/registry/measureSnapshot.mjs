import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../lib/testDatabase.mjs';
import { watchCpu } from '../bed/cpu.mjs';
import { ledger } from '../bed/rooms.mjs';
import { PROJECT, startRole, startWorkerRole } from '../bed/roles.mjs';
import { count } from '../report/numbers.mjs';

const READY_LIMIT_MS = 15 * 60_000;
const LOOK_MS = 100;
const IDLE_MS = 20_000;

/** What gateways and workers do with a config snapshot of so many types. */
export async function measureSnapshot(
  context,
  { dir, db, ledgerUrl, brokerPort },
) {
  const { say } = context;
  const newest = await newestSnapshot(db);
  say(
    `a snapshot of ${count(
      newest.bytes,
    )} bytes; starting a gateway, then a worker`,
  );
  const gatewayPort = await freePort();
  let startedAt = performance.now();
  const gateway = await startRole(
    context,
    'gateway',
    { dir },
    {
      MILLRACE_LEDGER_URL: ledgerUrl,
      MILLRACE_PROJECT_ID: PROJECT,
      PUBSUB_EMULATOR_HOST: `127.0.0.1:${brokerPort}`,
      METADATA_SERVER_DETECTION: 'none',
      MILLRACE_GATEWAY_ID: 'bench-gateway',
      MILLRACE_GATEWAY_PORT: String(gatewayPort),
    },
  );
  await until(
    async () => (await fetch(`http://127.0.0.1:${gatewayPort}/readyz`)).ok,
    gateway,
  );
  const gatewaySeconds = (performance.now() - startedAt) / 1000;
  const gatewayFigures = {
    seconds: gatewaySeconds,
    mebibytes: residentMb(gateway.pid),
  };
  say(`  the gateway is ready after ${gatewaySeconds.toFixed(1)} s`);

  startedAt = performance.now();
  const worker = await startWorkerRole(context, {
    dir,
    database: ledgerUrl,
    brokerPort,
    lakeRoot: path.join(dir, 'lake'),
    stagingDir: path.join(dir, 'staging'),
  });
  const wanted = newest.types;
  await until(async () => {
    const [row] = await ledger.listWorkers(db);
    return row?.eventTypes >= wanted;
  }, worker);
  const workerSeconds = (performance.now() - startedAt) / 1000;
  say(`  the worker consumes all of them after ${workerSeconds.toFixed(1)} s`);
  const finish = watchCpu({ gateway: gateway.pid, worker: worker.pid });
  await delay(IDLE_MS);
  const { cores } = finish();
  const workerFigures = {
    seconds: workerSeconds,
    mebibytes: residentMb(worker.pid),
    cores: cores.worker,
  };
  await worker.stop();
  await gateway.stop();
  return {
    ...newest,
    gateway: { ...gatewayFigures, cores: cores.gateway },
    worker: workerFigures,
  };
}

async function until(condition, child) {
  const limit = performance.now() + READY_LIMIT_MS;
  while (!(await condition().catch(() => false))) {
    if (performance.now() > limit)
      throw child.describe('It does not get ready');
    await delay(LOOK_MS);
  }
}

/** The newest config snapshot: its event types, and its bytes as text and as stored. */
export async function newestSnapshot(db) {
  const row = await db('config_snapshots')
    .orderBy('generation', 'desc')
    .first(
      'event_type_count as types',
      db.raw('octet_length(content::text) as bytes'),
      db.raw('pg_column_size(content) as stored'),
    );
  return row;
}

/** Resident memory of a process, in MiB. */
export function residentMb(pid) {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024);
}

import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../lib/testDatabase.mjs';
import { watchCpu } from '../bed/cpu.mjs';
import { ledger } from '../bed/rooms.mjs';
import { createScope } from '../bed/scope.mjs';
import { PROJECT, startRole, startWorkerRole } from '../bed/roles.mjs';
import { count } from '../report/numbers.mjs';

const READY_LIMIT_MS = 3 * 60_000;
const LOOK_MS = 100;
const IDLE_MS = 20_000;

/**
 * What gateways and workers do with a config snapshot of so many types: how soon
 * they are ready, what memory they hold, and what they do when nobody sends.
 *
 * One that does not get ready is a finding, and no reason to throw away what was
 * measured before: it has no seconds, and says why.
 *
 * @returns the bytes of the snapshot, and for `gateway` and `worker` `seconds`,
 *   `mebibytes`, idle `cores` and `why`
 */
export async function measureSnapshot(
  context,
  { dir, db, ledgerUrl, brokerPort },
) {
  const newest = await newestSnapshot(db);
  context.say(`a snapshot of ${count(newest.bytes)} bytes`);
  const gatewayPort = await freePort();
  const broker = {
    MILLRACE_PROJECT_ID: PROJECT,
    PUBSUB_EMULATOR_HOST: `127.0.0.1:${brokerPort}`,
    METADATA_SERVER_DETECTION: 'none',
  };
  const gateway = await measureRole(context, 'gateway', {
    start: each =>
      startRole(
        each,
        'gateway',
        { dir },
        {
          ...broker,
          MILLRACE_LEDGER_URL: ledgerUrl,
          MILLRACE_GATEWAY_ID: 'bench-gateway',
          MILLRACE_GATEWAY_PORT: String(gatewayPort),
        },
      ),
    isReady: async () =>
      (
        await fetch(`http://127.0.0.1:${gatewayPort}/readyz`)
      ).ok,
  });
  const worker = await measureRole(context, 'worker', {
    start: each =>
      startWorkerRole(each, {
        dir,
        database: ledgerUrl,
        brokerPort,
        lakeRoot: path.join(dir, 'lake'),
        stagingDir: path.join(dir, 'staging'),
      }),
    // It consumes every event type.
    isReady: async () => {
      const [row] = await ledger.listWorkers(db);
      return row?.eventTypes >= newest.types;
    },
  });
  return { ...newest, gateway, worker };
}

async function measureRole(context, name, { start, isReady }) {
  context.say(`starting a ${name}`);
  const scope = createScope();
  context.scope.onEnd(() => scope.end());
  const startedAt = performance.now();
  try {
    return await Promise.race([
      scope.failed,
      (async () => {
        const role = await start({ ...context, scope });
        const limit = performance.now() + READY_LIMIT_MS;
        while (!(await isReady().catch(() => false))) {
          if (performance.now() > limit) {
            throw new Error(`not ready after ${READY_LIMIT_MS / 1000} s`);
          }
          await delay(LOOK_MS);
        }
        const seconds = (performance.now() - startedAt) / 1000;
        context.say(`  ready after ${seconds.toFixed(1)} s`);
        const finish = watchCpu({ [name]: role.pid });
        await delay(IDLE_MS);
        return {
          seconds,
          mebibytes: residentMb(role.pid),
          cores: finish().cores[name],
        };
      })(),
    ]);
  } catch (error) {
    const [why] = error.message.split('\n');
    context.say(`  ${why}`);
    return { seconds: NaN, mebibytes: NaN, cores: NaN, why };
  } finally {
    await scope.end();
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

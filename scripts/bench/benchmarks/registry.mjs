import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../lib/testDatabase.mjs';
import { cpuMsOf, watchCpu } from '../bed/cpu.mjs';
import { createDatabase } from '../bed/provision.mjs';
import { ledger } from '../bed/rooms.mjs';
import {
  PROJECT,
  startBroker,
  startRole,
  startWorkerRole,
} from '../bed/roles.mjs';
import { openLoop } from '../load/openLoop.mjs';
import { readProfiles } from '../profile/readProfiles.mjs';
import { describeProfile } from '../profile/table.mjs';
import {
  breakingNext,
  compatibleNext,
  createEstate,
} from '../registry/estate.mjs';
import { fillRegistry } from '../registry/fillRegistry.mjs';
import { startPortal } from '../registry/startPortal.mjs';
import { count, ms } from '../report/numbers.mjs';
import { table } from '../report/table.mjs';

const VERSIONS = 10;
/** What the page of event types asks for when it is opened. */
const LIST_PATH = '/api/event-types/event-types';
const verdictPath = name => `/api/event-types/event-types/${name}/verdict`;
const conditionsPath = name => `/api/delivery/event-types/${name}`;

/** A few people at a time: pages that are opened, forms that are typed into. */
const LISTS_PER_SECOND = 1;
const VERDICTS_PER_SECOND = 5;
const DECLARATIONS_PER_SECOND = 0.5;

const READER = 'user:default/developer';
const DECLARER = 'user:default/owner';
const DECLARER_GROUP = 'group:default/webhooks';

const RECONCILE_LIMIT_MS = 15 * 60_000;
const SETTLE_LIMIT_MS = 15 * 60_000;
const PROVISION_LIMIT_MS = 60_000;
const LOOK_MS = 100;
const SAY_EVERY_MS = 10_000;
const IDLE_MS = 20_000;
/** Of a core. */
const SETTLED_CORES = 0.5;

/**
 * The portal with a large registry: how soon its list is there, a verdict, a new
 * event type that can be sent, and everything after the broker lost it all.
 *
 * @param {import('./types').Context} context
 * @returns {Promise<import('./types').Outcome>}
 */
export async function run(context) {
  const { types, say, seconds } = context;
  const bed = await prepare(context);
  const { brokerPort, pubsub, broker } = await startBroker(context, bed);
  say(
    `starting the portal with ${count(types)} event types and an empty broker`,
  );
  const portal = await startPortal(context, { ...bed, brokerPort });
  const reconcile = await untilReconciled(context, { ...bed, pubsub, portal });
  const pids = { portal: portal.pid, broker: broker.pid };
  const settled = await untilSettled(context, portal);

  const cpu = {};
  const watched = async (name, measure) => {
    const finish = watchCpu(pids);
    const beforeMs = cpuMsOf(portal.pid);
    const result = await measure();
    cpu[name] = finish().cores;
    return { ...result, cpuMs: cpuMsOf(portal.pid) - beforeMs };
  };
  const stages = createStages(context, portal, bed.estate);
  say(`nothing to do, for ${IDLE_MS / 1000} s`);
  await watched('idle', () => delay(IDLE_MS));
  const results = {};
  for (const [name, measure] of Object.entries(stages)) {
    say(`${name}, for ${seconds} s`);
    results[name] = await watched(name, measure);
    say(`  ${describe(results[name])}`);
    requireAnswers(name, results[name]);
  }
  const snapshot = await measureSnapshot(context, { ...bed, brokerPort });
  const memory = {
    portal: residentMb(portal.pid),
    broker: residentMb(broker.pid),
  };
  await portal.stop();
  const profile = context.profile
    ? await profiledRun(context, { ...bed, brokerPort })
    : '';
  return {
    figures: {
      listP95Ms: results.list.latencyMs.p95,
      verdictP95Ms: Math.max(
        results.compatible.latencyMs.p95,
        results.breaking.latencyMs.p95,
      ),
      provisionedP95Seconds: results.declare.latencyMs.p95 / 1000,
      reconcileSeconds: reconcile.seconds,
      types,
      versions: bed.filled.versions,
      listBytes: results.list.bytes,
      idlePortalCores: cpu.idle.portal,
      snapshotBytes: snapshot.bytes,
      gatewayReadySeconds: snapshot.gateway.seconds,
      gatewayMebibytes: snapshot.gateway.mebibytes,
    },
    bars: {
      listP95Ms: { atMost: 300 },
      verdictP95Ms: { atMost: 50 },
      provisionedP95Seconds: { atMost: 2 },
      reconcileSeconds: { atMost: 120 },
    },
    extent: `One run, ${seconds} s of each kind of request.`,
    section: describeAll({
      types,
      bed,
      results,
      cpu,
      reconcile,
      settled,
      snapshot,
      memory,
      profile,
    }),
  };
}

/** Databases, and a registry that holds the estate. */
async function prepare(context) {
  const { types, dir, scope, say } = context;
  const ledgerUrl = await createDatabase(context);
  const db = ledger.createLedgerClient({ connectionString: ledgerUrl });
  scope.onEnd(() => db.destroy());
  await ledger.migrateLedger(db);

  const server = new URL(ledgerUrl);
  server.pathname = '/postgres';
  const connection = server.toString();
  const prefix = `millrace_bench_${process.pid}_plugin_`;
  scope.onEnd(() => dropDatabases(connection, prefix));
  await query(connection, `CREATE DATABASE "${prefix}event-types"`);
  const registry = new URL(connection);
  registry.pathname = `/${prefix}event-types`;

  const estate = [...createEstate({ types, versions: VERSIONS })];
  say(`registering ${count(types)} event types of ${VERSIONS} versions each`);
  const startedAt = performance.now();
  const sayNow = throttle(say);
  const filled = await fillRegistry({
    connection: registry.toString(),
    estate,
    onProgress: done =>
      sayNow(
        () =>
          `  ${count(done)} of ${count(types)}, ${count(
            (done * VERSIONS * 1000) / (performance.now() - startedAt),
          )} versions a second`,
      ),
  });
  return { dir, ledgerUrl, db, connection, prefix, estate, filled };
}

/**
 * Waits until all is there: the snapshot says so, and the broker is then asked
 * itself. Counted from the start of the portal, its own start included.
 */
async function untilReconciled({ types, say }, { db, pubsub, portal }) {
  const sayNow = throttle(say);
  const limit = performance.now() + RECONCILE_LIMIT_MS;
  for (;;) {
    const newest = await newestSnapshot(db);
    if (newest?.types >= types) break;
    if (performance.now() > limit) {
      throw portal.describe(
        `Only ${newest?.types ?? 0} event types are provisioned`,
      );
    }
    await sayNow(async () => {
      const [topics] = await pubsub.getTopics({ pageSize: 1_000 });
      return `  ${count(topics.length)} of ${count(2 * types + 1)} topics`;
    });
    await delay(LOOK_MS);
  }
  const seconds = (performance.now() - portal.startedAt) / 1000;
  say(`  all provisioned ${seconds.toFixed(1)} s after the portal was started`);
  const [[topics], [subscriptions]] = await Promise.all([
    pubsub.getTopics({ pageSize: 1_000 }),
    pubsub.getSubscriptions({ pageSize: 1_000 }),
  ]);
  const wanted = 2 * types + 1;
  if (topics.length !== wanted || subscriptions.length !== wanted) {
    throw new Error(
      `Void: ${topics.length} topics and ${subscriptions.length} subscriptions of ${wanted} are there`,
    );
  }
  return { seconds, bootSeconds: portal.readyMs / 1000 };
}

/** The catalog takes in all entities once; what is measured begins after it. */
async function untilSettled({ say }, portal) {
  say('waiting for the catalog to take in all entities');
  const startedAt = performance.now();
  const sayNow = throttle(say);
  let quiet = 0;
  while (quiet < 2) {
    const before = cpuMsOf(portal.pid);
    await delay(5_000);
    const cores = (cpuMsOf(portal.pid) - before) / 5_000;
    quiet = cores < SETTLED_CORES ? quiet + 1 : 0;
    if (performance.now() - startedAt > SETTLE_LIMIT_MS) {
      say(
        `  it is still busy (${cores.toFixed(2)} cores); measuring beside it`,
      );
      break;
    }
    await sayNow(() => `  ${cores.toFixed(2)} cores busy`);
  }
  return { seconds: (performance.now() - startedAt) / 1000 };
}

function createStages({ seconds }, portal, estate) {
  const reader = portal.as(READER);
  const declarer = portal.as(DECLARER);
  const durationMs = seconds * 1000;
  // Different ones each time: nothing may be known from the request before.
  const pick = index => estate[(index * 379) % estate.length];
  const verdicts = (next, outcome, offset) => async () =>
    openLoop({
      perSecond: VERDICTS_PER_SECOND,
      durationMs,
      seed: offset,
      send: async index => {
        const { name, schemas } = pick(index + offset);
        const body = { schema: next(schemas.at(-1), index + offset) };
        const answer = await reader.post(verdictPath(name), body);
        const verdict = answer.json();
        if (verdict.outcome !== outcome) {
          throw new Error(`The verdict on ${name} is ${verdict.outcome}`);
        }
      },
    });
  return {
    list: async () => {
      let bytes = 0;
      const result = await openLoop({
        perSecond: LISTS_PER_SECOND,
        durationMs,
        send: async () => {
          bytes = (await reader.get(LIST_PATH)).text.length;
        },
      });
      return { ...result, bytes };
    },
    compatible: verdicts(compatibleNext, 'new-version', 1),
    breaking: verdicts(breakingNext, 'refused', 100_000),
    declare: () =>
      openLoop({
        perSecond: DECLARATIONS_PER_SECOND,
        durationMs,
        arrival: 'fixed',
        send: index => declareOne(declarer, estate, index),
      }),
  };
}

let declared = 0;

/** Registers one more event type and waits until it can be sent. */
async function declareOne(declarer, estate, index) {
  const like = estate[(index * 53) % estate.length];
  const name = `bench_${process.pid}.declared_${(declared += 1)}`;
  await declarer.post('/api/event-types/event-types', {
    name,
    description: like.description,
    owner: DECLARER_GROUP,
    tier: 'normal',
    schema: like.schemas.at(-1),
  });
  const limit = performance.now() + PROVISION_LIMIT_MS;
  for (;;) {
    const { conditions } = (await declarer.get(conditionsPath(name))).json();
    const provisioned = conditions.find(({ type }) => type === 'Provisioned');
    if (provisioned.reached) return;
    if (performance.now() > limit) {
      throw new Error(`${name} is not provisioned: ${provisioned.message}`);
    }
    await delay(LOOK_MS);
  }
}

/** What gateways and workers do with a config snapshot of so many types. */
async function measureSnapshot(context, { dir, db, ledgerUrl, brokerPort }) {
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
  const limit = performance.now() + RECONCILE_LIMIT_MS;
  while (!(await condition().catch(() => false))) {
    if (performance.now() > limit)
      throw child.describe('It does not get ready');
    await delay(LOOK_MS);
  }
}

async function newestSnapshot(db) {
  const row = await db('config_snapshots')
    .orderBy('generation', 'desc')
    .first(
      'event_type_count as types',
      db.raw('octet_length(content::text) as bytes'),
      db.raw('pg_column_size(content) as stored'),
    );
  return row;
}

/** Once more with a profile; its figures count for nothing else. */
async function profiledRun(context, bed) {
  const { dir, root, say } = context;
  const profileDir = path.join(dir, 'profiles');
  const portal = await startPortal(context, { ...bed, profileDir });
  await untilSettled(context, portal);
  const nowUs = () => Number(process.hrtime.bigint() / 1000n);
  const windows = {};
  const stages = {
    idle: () => delay(IDLE_MS),
    ...createStages(context, portal, bed.estate),
  };
  for (const [name, measure] of Object.entries(stages)) {
    say(`with profiles  ${name}`);
    const fromUs = nowUs();
    await measure();
    windows[name] = { fromUs, toUs: nowUs() };
  }
  await portal.stop();
  const folder = path.join(profileDir, 'portal');
  return Object.entries(windows)
    .map(([name, window]) =>
      [
        `### Where the time goes: ${TITLES[name]}`,
        describeProfile(
          'portal',
          readProfiles(folder, window, root).slice(0, 1),
        ),
      ].join('\n\n'),
    )
    .join('\n\n');
}

const TITLES = {
  idle: 'nothing to do',
  list: 'list page',
  compatible: 'verdict, compatible',
  breaking: 'verdict, breaking',
  declare: 'declared → provisioned',
};

function describe({ requests, failed, latencyMs, why }) {
  const { p50, p95, p99 } = latencyMs;
  return `p50 ${ms(p50)} ms, p95 ${ms(p95)} ms, p99 ${ms(
    p99,
  )} ms of ${requests}${failed ? `, ${failed} failed: ${why}` : ''}`;
}

/** Latency says nothing while answers are missing. */
function requireAnswers(name, { failed, requests, why }) {
  if (failed > 0) {
    throw new Error(`Void: ${failed} of ${requests} failed in ${name}: ${why}`);
  }
}

function describeAll(all) {
  const {
    types,
    bed,
    results,
    cpu,
    reconcile,
    settled,
    snapshot,
    memory,
    profile,
  } = all;
  const rate = {
    list: LISTS_PER_SECOND,
    compatible: VERDICTS_PER_SECOND,
    breaking: VERDICTS_PER_SECOND,
    declare: DECLARATIONS_PER_SECOND,
  };
  return [
    `${count(types)} event types with ${VERSIONS} versions each (${count(
      bed.filled.versions,
    )} in all), of 8 to 40 fields with nested records, lists, maps, enums and optional fields. Postgres, broker and portal share the machine with what asks; the portal is started from the entry and the settings of \`npm start\`. The registry was filled by its own code, one transaction per event type, each version judged against all before it; everything else goes over HTTP, signed in. Requests are due by a Poisson schedule (declarations evenly), and latency counts from then. List: \`GET ${LIST_PATH}\`, ${count(
      results.list.bytes,
    )} bytes. Verdict: a schema that nobody has asked about before, for an event type with ${VERSIONS} versions. Declared → provisioned: from the registration until the page says so, which it does once topic and subscription exist and the generation with it is published; asked every ${LOOK_MS} ms.`,
    table(
      [
        'latency, ms',
        'requests/s',
        'requests',
        'p50',
        'p95',
        'p99',
        'max',
        'portal’s CPU for one',
        'generator late, p99',
      ],
      Object.entries(results).map(
        ([name, { requests, latencyMs, lagP99Ms, cpuMs }]) => [
          TITLES[name],
          String(rate[name]),
          count(requests),
          ...['p50', 'p95', 'p99', 'max'].map(each => ms(latencyMs[each])),
          ms(cpuMs / requests),
          ms(lagP99Ms),
        ],
      ),
    ),
    `From an empty broker: ${reconcile.seconds.toFixed(
      1,
    )} s from the start of the portal until ${count(
      types,
    )} event types were provisioned, of which the portal took ${reconcile.bootSeconds.toFixed(
      1,
    )} s to answer at all. The broker was then asked whether all ${count(
      2 * types + 1,
    )} topics and as many subscriptions are there. The catalog went on taking in the entities for another ${settled.seconds.toFixed(
      0,
    )} s.`,
    table(
      ['cores busy', 'portal', 'broker'],
      Object.entries(cpu).map(([name, cores]) => [
        TITLES[name],
        cores.portal.toFixed(2),
        cores.broker.toFixed(2),
      ]),
    ),
    `The config snapshot has ${count(snapshot.bytes)} bytes as JSON and ${count(
      snapshot.stored,
    )} in the database. Resident memory afterwards: portal ${
      memory.portal
    } MiB, broker ${memory.broker} MiB.`,
    table(
      [
        'with that snapshot',
        'seconds to be ready',
        'resident MiB',
        'cores busy, idle',
      ],
      ['gateway', 'worker'].map(role => [
        role,
        snapshot[role].seconds.toFixed(1),
        String(snapshot[role].mebibytes),
        snapshot[role].cores.toFixed(2),
      ]),
    ),
    profile,
  ]
    .filter(Boolean)
    .join('\n\n');
}

function residentMb(pid) {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024);
}

/** Says something now and then; what is said is found out only then. */
function throttle(say) {
  let nextAt = performance.now() + SAY_EVERY_MS;
  return async what => {
    if (performance.now() < nextAt) return;
    nextAt = performance.now() + SAY_EVERY_MS;
    say(await what());
  };
}

async function dropDatabases(connection, prefix) {
  const { rows } = await query(
    connection,
    'SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)',
    [prefix],
  );
  for (const { name } of rows) {
    await query(connection, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
  }
}

async function query(connection, statement, values) {
  const client = new pg.Client({ connectionString: connection });
  await client.connect();
  try {
    return await client.query(statement, values);
  } finally {
    await client.end();
  }
}

import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuMsOf, watchCpu } from '../bed/cpu.mjs';
import { startBroker } from '../bed/roles.mjs';
import { readProfiles } from '../profile/readProfiles.mjs';
import { describeProfile } from '../profile/table.mjs';
import { describeRegistry } from '../registry/describeRegistry.mjs';
import {
  measureSnapshot,
  newestSnapshot,
  residentMb,
} from '../registry/measureSnapshot.mjs';
import { createStages, TITLES } from '../registry/portalStages.mjs';
import { prepareRegistry } from '../registry/prepareRegistry.mjs';
import { startPortal } from '../registry/startPortal.mjs';
import { throttle } from '../registry/throttle.mjs';
import { count, ms } from '../report/numbers.mjs';

const RECONCILE_LIMIT_MS = 15 * 60_000;
const SETTLE_LIMIT_MS = 15 * 60_000;
const LOOK_MS = 100;
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
  const bed = await prepareRegistry(context);
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
    section: describeRegistry({
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
      const [topics] = await pubsub.getTopics();
      return `  ${count(topics.length)} of ${count(2 * types + 1)} topics`;
    });
    await delay(LOOK_MS);
  }
  const seconds = (performance.now() - portal.startedAt) / 1000;
  say(`  all provisioned ${seconds.toFixed(1)} s after the portal was started`);
  const [[topics], [subscriptions]] = await Promise.all([
    pubsub.getTopics(),
    pubsub.getSubscriptions(),
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

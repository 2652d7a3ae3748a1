import fs from 'node:fs';
import path from 'node:path';
import { nameOf, spread } from '../lib/points.mjs';
import { say } from '../lib/report.mjs';
import { attach, DELIVERY_CALLS, readCalls } from '../lib/strace.mjs';
import { until } from '../lib/wait.mjs';
import { createRig } from './rig.mjs';
import { createTail, traceDelivery } from './strike.mjs';

const ZOMBIES = 8;
const STOP_LIMIT_MS = 15_000;
/** Another worker has to start, to catch up and to seal, on a busy machine too. */
const TAKE_OVER_LIMIT_MS = 90_000;
/** A statement that was under way is given up by the database after a minute. */
const WAKE_LIMIT_MS = 90_000;
/** Buckets of each type that the other sealer seals before the first wakes. */
const SEALED_MEANWHILE = 2;

/** What a sealer does to its working files and to the lake. */
const IN_SEALING = /^(lake|staging\/\.sealer)\//;
/** Before it has asked, for the last time, whether the lease is still its own. */
const BEFORE_LAST_LOOK = /^staging\/\.sealer\//;
/** Calls by which something gets a name in the lake. */
const NAMING = new Set(['link', 'linkat', 'rename', 'renameat', 'renameat2']);

/**
 * Zombies: a worker is stopped right after one of its calls inside sealing, its
 * lease passes, another worker takes over and seals what the first one had in
 * hand, and more; then the first goes on where it was.
 *
 * The lease's time is the database's and a minute long. The stage does not wait
 * for it: it lets the lease end, as the minute would (`isPatient` waits). A
 * worker that was stopped inside its commit holds the lease's row, and nobody
 * can take over while it does; such a place counts as held, and nothing but the
 * usual has to hold there.
 */
export async function runZombies(options) {
  const { node, env, seed, zombies = ZOMBIES, preload } = options;
  const { isPatient = false, sealLimitMs } = options;
  say(`${zombies} sealers that wake up after another took over`);
  const rig = await createRig({
    node,
    env,
    seed,
    name: 'zombies',
    workerThreads: 1,
    preload,
    sealLimitMs,
  });
  const { lab } = rig;
  const problems = [];
  const figures = { zombies: 0, held: 0, missed: 0 };
  const other = lab.createWorker('worker2');
  try {
    const { boundaries } = await traceDelivery(rig, {
      victim: 'worker',
      phase: 'main',
    });
    const points = spread(
      boundaries.filter(({ place }) => IN_SEALING.test(place)),
      rig.random,
    ).map(point => ({ ...point, victim: 'worker', phase: 'main' }));
    for (const point of points) {
      if (figures.zombies >= zombies) break;
      rig.load.setLabel(`z${figures.zombies}`);
      const result = await makeZombie(rig, other, point, isPatient);
      say(`  ${nameOf(point)} ${point.place}: ${result.outcome}`);
      figures[result.outcome] += 1;
      problems.push(...result.problems);
    }
    const verdict = await rig.judge();
    if (figures.zombies === 0) problems.push('broken: no sealer was stopped');
    return {
      problems: [...problems, ...verdict.problems],
      figures: { ...verdict.figures, ...figures },
    };
  } finally {
    lab.victims.worker.signal('SIGCONT');
    await other.kill();
    options.onEnd?.(lab);
    await rig.close();
  }
}

/**
 * @returns {Promise<{ outcome: 'zombies' | 'held' | 'missed',
 *   problems: string[] }>}
 */
async function makeZombie(rig, other, point, isPatient) {
  const { lab } = rig;
  const { worker } = lab.victims;
  if (!worker.isRunning) await worker.startHealthy();
  const output = path.join(lab.dir, `zombie-${performance.now()}`);
  const tracer = await attach(worker.pid, {
    output,
    injection: { ...point, signal: 'SIGSTOP' },
    calls: DELIVERY_CALLS,
  });
  const problems = [];
  try {
    const isStopped = await until(
      createTail(output, 'stopped by SIGSTOP'),
      STOP_LIMIT_MS,
    );
    if (!isStopped) return { outcome: 'missed', problems };
    const callsBefore = readCalls(output).length;
    const isHeld = await isInTransaction(rig);
    const marked = await markedByNow(rig);
    await other.startHealthy();
    const before = await sealedBuckets(rig);
    const hasTakenOver = await until(async () => {
      // Again, as who tries to take over holds a lease's row for a moment.
      if (!isPatient) await endLeases(lab);
      return (await sealedBuckets(rig)) >= before + SEALED_MEANWHILE * 2;
    }, (isPatient ? 60_000 : 0) + TAKE_OVER_LIMIT_MS);
    const sealed = await sealedFolders(rig, marked);
    // Only now is it known whether what it had asked for was a commit.
    const isHeldStill = isHeld || (await isInTransaction(rig));
    worker.signal('SIGCONT');
    const beats = await heartbeat(rig);
    const isBack = await until(
      async () => !worker.isRunning || (await heartbeat(rig)) > beats,
      WAKE_LIMIT_MS,
    );
    if (!isBack) problems.push('stuck: the sealer did not go on');
    await rig.load.settle();
    // What it had in hand is another's; it may look, but not touch. What it was
    // about to place already, of this event type or another, is left to
    // put-if-absent.
    const touched = readCalls(output)
      .slice(callsBefore)
      .filter(({ call }) => NAMING.has(call))
      .filter(({ target }) => sealed.some(dir => target.startsWith(`${dir}/`)));
    const isFenced = BEFORE_LAST_LOOK.test(point.place);
    (isFenced ? touched : []).forEach(({ call, target }) =>
      problems.push(
        `fenced: a sealer without a lease made a ${call} to ${path.relative(
          lab.dir,
          target,
        )}`,
      ),
    );
    rig.load.resume();
    if (hasTakenOver) return { outcome: 'zombies', problems };
    if (!isHeldStill) {
      problems.push(
        `stuck: nobody took over from a sealer stopped at ${point.place}`,
      );
    }
    return { outcome: 'held', problems };
  } finally {
    worker.signal('SIGCONT');
    await tracer.detach();
    fs.rmSync(output, { force: true });
    await other.kill();
  }
}

async function sealedBuckets({ query }) {
  const [{ sealed }] = await query(
    "SELECT count(*)::int AS sealed FROM partitions WHERE state = 'sealed'",
  );
  return sealed;
}

/**
 * What the sealer that is stopped may have asked for the last time about: marked
 * as about to be published, which only a holder of the lease can do. A statement
 * that was under way when it was stopped ends without it.
 */
async function markedByNow({ query }) {
  await until(async () => {
    const [{ busy }] = await query(
      `SELECT count(*)::int AS busy FROM pg_stat_activity
       WHERE application_name = 'faults-worker' AND state = 'active'`,
    );
    return busy === 0;
  }, STOP_LIMIT_MS);
  const rows = await query(
    'SELECT partition_id FROM partitions WHERE publishing_since IS NOT NULL',
  );
  return new Set(rows.map(({ partition_id: id }) => String(id)));
}

/** The folders in the lake of what is sealed by now and was not `marked`. */
async function sealedFolders({ query, lab }, marked) {
  const all = await query(
    'SELECT partition_id, manifest_path FROM partitions WHERE manifest_path IS NOT NULL',
  );
  const rows = all.filter(({ partition_id: id }) => !marked.has(String(id)));
  return rows.map(({ manifest_path: key }) =>
    path.join(lab.lakeRoot, path.dirname(key)),
  );
}

/** Whether it was stopped between the begin and the end of a commit. */
async function isInTransaction({ query }) {
  const [{ held }] = await query(
    `SELECT count(*)::int AS held FROM pg_stat_activity
     WHERE application_name = 'faults-worker' AND state = 'idle in transaction'`,
  );
  return held > 0;
}

async function heartbeat({ query }) {
  const [row] = await query(
    "SELECT heartbeat_at FROM workers WHERE worker = 'faults-worker'",
  );
  return row.heartbeat_at.getTime();
}

/** As if the length of a lease had passed. */
async function endLeases({ db }) {
  await db.raw(
    `UPDATE leases SET expires_at = now()
     WHERE holder = 'faults-worker' AND resource IN (
       SELECT resource FROM leases FOR UPDATE SKIP LOCKED)`,
  );
}

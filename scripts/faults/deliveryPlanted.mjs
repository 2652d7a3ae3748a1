import fs from 'node:fs';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { checkDurableOrder } from './oracle/durableOrder.mjs';
import { JUMPS, runClock, withFakeClock } from './delivery/clock.mjs';
import { STORM } from './delivery/load.mjs';
import { createRig } from './delivery/rig.mjs';
import { traceDelivery } from './delivery/strike.mjs';
import { runZombies } from './delivery/zombies.mjs';
import { requireStrace } from './lib/capabilities.mjs';
import { conclude, say } from './lib/report.mjs';

const at = name => fileURLToPath(new URL(name, import.meta.url));
const fileOf = name => at(`./planted/delivery/${name}.cjs`);

/** What a planted defect holds up is not waited for as long as what may come. */
const SEAL_LIMIT_MS = 15_000;
const LOAD_MS = 6_000;
const CHILD_LIMIT_MS = 120_000;

/** The parts of the suite, each as short as it may be to see a defect. */
const PARTS = {
  /** The order of calls, of which no kill can tell. */
  order: planted =>
    withRig(planted, async rig => {
      await pause(LOAD_MS / 2);
      const { calls } = await traceDelivery(rig, {
        victim: 'worker',
        phase: 'main',
      });
      return checkDurableOrder(calls, rig.lab).problems;
    }),

  /** Repeats, without any fault. */
  storm: planted =>
    withRig({ ...planted, mix: STORM }, async rig => {
      await pause(LOAD_MS);
      return (await rig.judge({ maySkew: false })).problems;
    }),

  /** The worker is killed and comes back when buckets have ended meanwhile. */
  kills: planted =>
    withRig(planted, async rig => {
      for (let kill = 0; kill < 2; kill += 1) {
        await pause(LOAD_MS / 2);
        await rig.lab.victims.worker.kill();
        await pause(2 * rig.bucketMs);
        await rig.lab.victims.worker.startHealthy();
      }
      return (await rig.judge({ maySkew: false })).problems;
    }),

  /** The worker is killed while the database does not answer. */
  'kills without a ledger': planted =>
    withRig(planted, async rig => {
      await pause(LOAD_MS / 2);
      await rig.lab.database.kill();
      await pause(LOAD_MS / 2);
      await rig.lab.victims.worker.kill();
      await rig.lab.database.restart();
      await rig.lab.victims.worker.startHealthy();
      return (await rig.judge()).problems;
    }),

  /** The database refuses to make anything sealed for a while. */
  'refused commits': planted =>
    withRig(planted, async rig => {
      await pause(LOAD_MS / 2);
      const allow = await refuseCommits(rig.lab.ledgerUrl);
      await pause(LOAD_MS);
      await allow();
      return (await rig.judge()).problems;
    }),

  /** The worker comes back years ahead, when buckets have ended meanwhile. */
  'kills and a wrong clock': planted =>
    withRig(withFakeClock(planted), async rig => {
      const { worker } = rig.lab.victims;
      for (let kill = 0; kill < 3; kill += 1) {
        await pause(LOAD_MS / 2);
        await worker.kill();
        await pause(2 * rig.bucketMs);
        worker.options.env.MILLRACE_FAULTS_CLOCK = JSON.stringify(
          JUMPS['5 years ahead'],
        );
        await worker.startHealthy();
        delete worker.options.env.MILLRACE_FAULTS_CLOCK;
        await pause(LOAD_MS / 2);
        worker.send({ type: 'clock', offsetMs: 0 });
      }
      return (await rig.judge({ maySkew: false })).problems;
    }),

  /** A gateway is killed and lives again within the bucket. */
  gateways: planted =>
    withRig(planted, async rig => {
      for (let kill = 0; kill < 4; kill += 1) {
        await pause(LOAD_MS / 4);
        await rig.lab.victims.gateway.kill();
        await rig.lab.victims.gateway.startHealthy();
      }
      return (await rig.judge()).problems;
    }),

  zombies: async planted =>
    (await runZombies({ ...planted, zombies: 4 })).problems,

  clock: async planted =>
    (await runClock({ ...planted, cases: [['worker', '5 years ahead']] }))
      .problems,

  /** The ledger's operations against their model. */
  model: planted => inChild(planted, ['--model', '--seeds', '200']),

  /** The simulator. */
  simulate: planted => inChild(planted, ['--seeds', '2000']),
};

/**
 * Known defects of delivery: in which process, by which part of the suite each
 * has to be caught, and how that says what it found.
 */
export const DELIVERY_DEFECTS = [
  ['staged-file-not-flushed', 'worker', 'order', /staging.* never flushed/],
  ['staging-folder-not-flushed', 'worker', 'order', /folder of staging/],
  ['lake-file-not-flushed', 'worker', 'order', /named before it was flushed/],
  ['lake-folder-not-flushed', 'worker', 'order', /folder of lake/],
  ['publish-by-rename', 'worker', 'order', /got its name by a rename/],
  ['publish-over-what-is-sealed', 'worker', 'zombies', /^changed: /],
  ['ack-before-commit', 'worker', 'kills without a ledger', /no sealed/],
  [
    'failure-taken-for-success',
    'worker',
    'kills without a ledger',
    /no sealed/,
  ],
  ['leftovers-take-everything', 'worker', 'kills', /no sealed partition/],
  [
    'staged-files-go-before-the-commit',
    'worker',
    'refused commits',
    /no sealed|stuck/,
  ],
  ['one-epoch-for-all-lives', 'gateway', 'gateways', /no sealed partition/],
  ['refused-are-dropped', 'worker', 'storm', /refused and is not listed/],
  ['a-batch-counts-twice', 'worker', 'storm', /^books: .* declared/],
  ['a-copy-counts-for-the-other-gateway', 'worker', 'storm', /^fates: /],
  ['horizon-forgotten', 'worker', 'storm', /no sealed|and again in/],
  ['ids-not-remembered', 'worker', 'storm', /and again in/],
  ['same-only-when-received-together', 'worker', 'storm', /and again in/],
  ['source-is-no-part-of-the-id', 'worker', 'storm', /no sealed partition/],
  ['content-is-not-looked-at', 'worker', 'storm', /no sealed partition/],
  ['conflicts-are-not-marked', 'worker', 'storm', /no conflict mark/],
  ['a-batch-is-left-out', 'worker', 'storm', /no sealed partition/],
  ['close-without-declarations', 'worker', 'kills', /^closed: /],
  ['the-dead-left-nothing', 'worker', 'kills and a wrong clock', /^closed: /],
  ['forget-by-its-own-clock', 'worker', 'clock', /deleted: /],
  ['fence-is-open', 'ledger', 'model', /differs/],
  ['lease-for-everyone', 'ledger', 'model', /differs/],
  ['abandoned-batches-are-forgotten', 'ledger', 'model', /differs/],
  ['any-measure-is-fresh', 'rule', 'simulate', /violated/],
  ['missing-batches-do-not-matter', 'rule', 'simulate', /violated/],
  ['declares-what-is-on-its-way', 'gateway', 'simulate', /violated/],
  ['a-declaration-that-fails-is-dropped', 'gateway', 'simulate', /violated/],
].map(([name, victim, part, pattern]) => ({ name, victim, part, pattern }));

/**
 * Shows that the suite can fail: plants each defect from outside and sees that
 * the part it is meant for finds it, and says what it is.
 *
 * @param {{ node: string, env: NodeJS.ProcessEnv, seed: string,
 *   only?: string }} options `only`: the name of a defect, or of a part
 */
export async function runDeliveryPlanted({ node, env, seed, only }) {
  await requireStrace(env);
  const failures = [];
  const caughtBy = {};
  const chosen = DELIVERY_DEFECTS.filter(
    ({ name, part }) => only === undefined || only === name || only === part,
  );
  for (const defect of chosen) {
    const { isPlanted, problem, problems } = await plant(defect, {
      node,
      env,
      seed,
    });
    const broken = problems.find(each => each.startsWith('broken: '));
    if (problem === undefined && broken !== undefined) {
      failures.push(`not tried: ${defect.name}: ${broken}`);
    } else if (!isPlanted) {
      failures.push(`not planted: ${defect.name}; its place has moved`);
    } else if (problem === undefined) {
      failures.push(`not caught: ${defect.name}`);
    } else {
      caughtBy[defect.name] = defect.part;
      say(`✔ ${defect.name}, by ${defect.part}:\n    ${problem}`);
      continue;
    }
    say(`✖ ${failures.at(-1)}`);
    problems.slice(0, 3).forEach(each => say(`    instead: ${each}`));
    say(`  replay: npm run faults -- planted --only ${defect.name}`);
  }
  const caught = Object.keys(caughtBy).length;
  return conclude({
    name: 'delivery-planted',
    figures: { planted: chosen.length, caught, caughtBy, seed },
    bars: { caught: Math.max(1, chosen.length) },
    failures,
  });
}

/** @returns {Promise<{ isPlanted: boolean, problem?: string }>} */
export async function plant({ name, victim, part, pattern }, context) {
  const planted = {
    ...context,
    name: `planted ${name}`,
    file: fileOf(name),
    preload: { [victim]: fileOf(name), gateway2: gatewayFile(victim, name) },
    sealLimitMs: SEAL_LIMIT_MS,
    isPlanted: false,
    onEnd: lab => {
      planted.isPlanted = wasPlanted(path.join(lab.dir, 'logs'));
    },
  };
  let problems;
  try {
    problems = await PARTS[part](planted);
  } catch (error) {
    problems = [`broken: ${error.message}`];
  }
  return {
    isPlanted: planted.isPlanted,
    problem: problems.find(problem => pattern.test(problem)),
    problems,
  };
}

const gatewayFile = (victim, name) =>
  victim === 'gateway' ? fileOf(name) : [];

async function withRig(planted, run) {
  const rig = await createRig(planted);
  try {
    return await run(rig);
  } finally {
    planted.onEnd(rig.lab);
    await rig.close();
  }
}

/**
 * Makes every commit of a partition fail.
 *
 * @returns {Promise<() => Promise<void>>} what ends it
 */
async function refuseCommits(connectionString) {
  const run = async sql => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };
  await run(`
    CREATE FUNCTION refuse_commits() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'refused for a while'; END $$;
    CREATE TRIGGER refuse_commits BEFORE UPDATE OF state ON partitions
      FOR EACH ROW WHEN (NEW.state = 'sealed')
      EXECUTE FUNCTION refuse_commits()`);
  return () => run('DROP FUNCTION refuse_commits() CASCADE');
}

/** Each defect says in the log of its process when it is in place. */
function wasPlanted(logs) {
  return fs
    .readdirSync(logs)
    .some(log => fs.readFileSync(path.join(logs, log)).includes('planted: '));
}

/** In a process of its own, so that nothing else is changed by it. */
function inChild(planted, args) {
  return new Promise(resolve => {
    execFile(
      planted.node,
      ['--require', planted.file, at('./simulate/main.mjs'), ...args],
      { env: planted.env, timeout: CHILD_LIMIT_MS, maxBuffer: 2 ** 26 },
      (_error, stdout, stderr) => {
        planted.isPlanted = stderr.includes('planted: ');
        resolve(`${stdout}\n${stderr}`.split('\n'));
      },
    );
  });
}

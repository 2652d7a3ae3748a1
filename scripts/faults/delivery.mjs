import { requireStrace } from './lib/capabilities.mjs';
import { nameOf, parsePoint, spread } from './lib/points.mjs';
import { createRandom } from './lib/random.mjs';
import { conclude, say } from './lib/report.mjs';
import { checkDurableOrder } from './oracle/durableOrder.mjs';
import { createRig } from './delivery/rig.mjs';
import { runRestarts } from './delivery/restarts.mjs';
import { runStorm } from './delivery/storm.mjs';
import { strike, traceDelivery } from './delivery/strike.mjs';
import { runClock } from './delivery/clock.mjs';
import { runZombies } from './delivery/zombies.mjs';

/** What I1 of the reliability notes asks for. */
const BAR = 300;
const ERRORS = ['EIO', 'ENOSPC'];
const STAGES = [
  ['worker', 'main'],
  ['ledger', 'main'],
  ['worker', 'start'],
];
const SAY_EVERY = 20;
/** The oracle looks at everything after so many faults, and at the end. */
const JUDGE_EVERY = 50;

/** What has a lab of its own. */
const STAGES_AFTER = {
  storm: runStorm,
  zombies: runZombies,
  restarts: runRestarts,
  clock: runClock,
};

/**
 * `delivery`: from the broker to the sealed partition. kill -9 and failing calls
 * at every durable boundary of consumer and sealer and of the database processes
 * that commit for them, a storm of repeated events, sealers that wake up after
 * another took over, restarts of everything, clocks that jump; and the oracle.
 *
 * @param {{ node: string, env: NodeJS.ProcessEnv, seed: string,
 *   points: number, only?: string }} options `only`: a point, or a stage
 * @returns {Promise<number>} exit code
 */
export async function runDelivery({ node, env, seed, points, only }) {
  await requireStrace(env);
  const context = { node, env, seed };
  const tally = createTally(seed);
  if (only in STAGES_AFTER) {
    tally.addStage(only, await STAGES_AFTER[only](context));
    return finish(tally, {});
  }
  tally.addStage('kills', await runKills({ ...context, points, only, tally }));
  if (only !== undefined) {
    return finish(tally, {
      failures: tally.missed > 0 ? [`${only} was not met`] : [],
    });
  }
  for (const [name, run] of Object.entries(STAGES_AFTER)) {
    tally.addStage(name, await run(context));
  }
  return finish(tally, { killPoints: BAR });
}

/**
 * Kills and failing calls, one after the other in an installation that stays up.
 * Each event carries in its id the fault during which it was sent.
 */
async function runKills({ node, env, seed, points, only, tally }) {
  const rig = await createRig({
    node,
    env,
    seed,
    name: 'kills',
    // One thread in the pool, so that calls come in one order.
    workerThreads: 1,
  });
  try {
    const problems = [];
    const strikeAt = async point => {
      rig.load.setLabel(`c${tally.cycles}`);
      try {
        tally.add(await strike(rig, point));
      } catch (error) {
        problems.push(`broken: ${nameOf(point)}: ${error.message}`);
      }
      if (tally.cycles % SAY_EVERY === 0) say(tally.progress());
    };
    const check = async () => {
      const { problems: found, figures } = await rig.judge();
      rig.load.resume();
      say(`${JSON.stringify(figures)}${found.length ? ' ✖' : ' ✔'}`);
      return { found, figures };
    };

    if (only !== undefined) {
      await strikeAt(parsePoint(only));
      const { found, figures } = await check();
      return { problems: [...problems, ...found], figures };
    }
    const chosen = await chooseDeliveryPoints(rig, seed);
    problems.push(...chosen.problems);
    say(`seed ${seed}: ${chosen.kills.length} places to be killed at`);
    let last;
    // A short run tries fewer of both.
    const queue = chosen.failures.slice(0, points);
    // Failing calls between the kills, so that both meet each other's traces.
    for (const point of chosen.kills) {
      if (tally.killPoints.size >= points) break;
      await strikeAt(point);
      if (tally.cycles % 4 === 0 && queue.length > 0) {
        await strikeAt(queue.shift());
      }
      if (tally.cycles % JUDGE_EVERY === 0) {
        last = await check();
        if (last.found.length > 0) {
          return {
            problems: [
              ...problems,
              ...last.found,
              `after ${tally.recent(JUDGE_EVERY).join(' ')}`,
            ],
            figures: last.figures,
          };
        }
      }
    }
    for (const point of queue) await strikeAt(point);
    last = await check();
    return { problems: [...problems, ...last.found], figures: last.figures };
  } finally {
    await rig.close();
  }
}

/** Kills at every kind of place in turn, errors at one call of every kind. */
export async function chooseDeliveryPoints(rig, seed) {
  const random = createRandom(seed);
  const lists = [];
  const failures = [];
  const problems = [];
  for (const [victim, phase] of STAGES) {
    const { calls, boundaries } = await traceDelivery(rig, { victim, phase });
    if (victim === 'worker' && phase === 'main') {
      problems.push(...checkDurableOrder(calls, rig.lab).problems);
    }
    const points = spread(boundaries, random).map(boundary => ({
      ...boundary,
      victim,
      phase,
    }));
    say(`  ${points.length} calls of ${victim} (${phase})`);
    lists.push(points);
    const kinds = new Map();
    for (const point of points) {
      const kind = `${point.call} ${point.place}`;
      // A connection that breaks is what a kill of its other end does.
      const isFile = !/^(to|reply of) /.test(point.place);
      if (isFile && !kinds.has(kind)) kinds.set(kind, point);
    }
    for (const point of kinds.values()) {
      ERRORS.forEach(error => failures.push({ ...point, error }));
    }
  }
  const longest = Math.max(...lists.map(({ length }) => length));
  const kills = Array.from({ length: longest }, (_, at) =>
    lists.flatMap(list => (at < list.length ? [list[at]] : [])),
  ).flat();
  return { kills, failures, problems };
}

/** Counts what happened, and keeps what went wrong with how to see it again. */
function createTally(seed) {
  const struck = [];
  const tally = {
    seed,
    cycles: 0,
    missed: 0,
    /** Distinct boundaries at which a process was killed. */
    killPoints: new Set(),
    errorsInjected: new Set(),
    survivedErrors: 0,
    kinds: new Map(),
    totals: { lost: 0, duplicates: 0, changedFiles: 0, ledgerSum: 0 },
    stages: {},
    problems: [],
    recent: count => struck.slice(-count),
    add({ point, wasHit, place, hasDied }) {
      tally.cycles += 1;
      if (!wasHit || place === undefined) {
        tally.missed += 1;
        return;
      }
      struck.push(point);
      const error = /:(E[A-Z]+)$/.exec(point)?.[1];
      if (error) {
        tally.errorsInjected.add(point);
        if (!hasDied) tally.survivedErrors += 1;
      } else {
        tally.killPoints.add(point);
      }
      const [victim, call] = point.split(':');
      const kind = [victim, call, place, error].filter(Boolean).join(' ');
      tally.kinds.set(kind, (tally.kinds.get(kind) ?? 0) + 1);
    },
    addStage(name, { problems, figures }) {
      tally.stages[name] = figures;
      for (const total of Object.keys(tally.totals)) {
        tally.totals[total] += Math.abs(figures[total] ?? 0);
      }
      problems.forEach(problem => {
        tally.problems.push({ where: name, problem });
        say(`✖ ${name}: ${problem}`);
      });
      if (problems.length > 0) {
        say(
          `  replay: npm run faults -- delivery ${
            name in STAGES_AFTER ? `--only ${name} ` : ''
          }--seed ${seed}`,
        );
      }
    },
    progress: () =>
      `${tally.killPoints.size} kill points, ${tally.errorsInjected.size} errors, ${tally.missed} missed`,
  };
  return tally;
}

function finish(tally, { killPoints, failures = [] }) {
  say(tally.progress());
  for (const [kind, count] of [...tally.kinds].sort()) {
    say(`  ${String(count).padStart(4)}  ${kind}`);
  }
  return conclude({
    name: 'delivery',
    figures: {
      killPoints: tally.killPoints.size,
      errorsInjected: tally.errorsInjected.size,
      survivedErrors: tally.survivedErrors,
      ...tally.totals,
      cycles: tally.cycles,
      missed: tally.missed,
      problems: tally.problems.length,
      kinds: Object.fromEntries([...tally.kinds].sort()),
      ...tally.stages,
      seed: tally.seed,
    },
    bars: {
      ...(killPoints && { killPoints }),
      lost: 0,
      duplicates: 0,
      changedFiles: 0,
      ledgerSum: 0,
      problems: 0,
    },
    failures,
  });
}

import { findGhosts, judge } from './oracle/judge.mjs';
import { requireStrace } from './lib/capabilities.mjs';
import { runCycle, traceCycle } from './lib/cycle.mjs';
import { createLab } from './lib/lab.mjs';
import { nameOf, parsePoint, spread } from './lib/points.mjs';
import { createRandom } from './lib/random.mjs';
import { conclude, say } from './lib/report.mjs';
import { runFullDisks } from './fullDisk.mjs';
import { runSealed } from './sealed.mjs';

/** What I1 of the reliability notes asks for. */
const BAR = 300;
const ERRORS = ['EIO', 'ENOSPC'];
/** Where a victim is met, and its share of the points of its victim. */
const STAGES = [
  ['broker', 'main'],
  ['broker', 'pool'],
  ['broker', 'start'],
  ['gateway', 'main'],
  ['gateway', 'start'],
  ['sdk', 'main'],
  ['sdk', 'pool'],
  ['sdk', 'start'],
];
const SAY_EVERY = 20;
/** What has a lab of its own. */
const STAGES_AFTER = { 'full-disk': runFullDisks, sealed: runSealed };

/**
 * `ingest`: kill -9, failing calls and full disks at every durable boundary
 * between the SDK's queue and the broker's store, and the oracle after each.
 *
 * @param {{ node: string, env: NodeJS.ProcessEnv, seed: string,
 *   points: number, only?: string }} options
 * @returns {Promise<number>} exit code
 */
export async function runIngest({ node, env, seed, points, only }) {
  await requireStrace(env);
  const tally = createTally(seed);
  const runStages = async wanted => {
    for (const [name, run] of Object.entries(STAGES_AFTER)) {
      if (wanted === undefined || wanted === name) {
        tally.addStage(name, await run({ node, env, seed }));
      }
    }
  };
  if (only in STAGES_AFTER) {
    await runStages(only);
    return finish(tally, {});
  }
  const lab = await createLab({ node, env });
  try {
    if (only !== undefined) {
      tally.add(await runCycle(lab, parsePoint(only), { cycle: 'only' }));
      return finish(tally, {
        failures: tally.missed > 0 ? [`${only} was not met`] : [],
      });
    }
    const chosen = await choosePoints(lab, tally, { seed, points });
    say(`seed ${seed}: ${chosen.kills.length} places to be killed at`);
    await killAtEach(lab, tally, chosen.kills, points);
    say(`${chosen.failures.length} calls to fail`);
    for (const point of chosen.failures) {
      await cycleOf(lab, tally, point);
    }
    checkLateArrivals(lab, tally);
  } finally {
    await lab.close();
  }
  await runStages();
  return finish(tally, { killPoints: BAR });
}

/**
 * Traces each process under the workload and chooses where to strike: for kills
 * every kind of place in turn, for errors one call of every kind.
 */
export async function choosePoints(lab, tally, { seed }) {
  const random = createRandom(seed);
  const perVictim = new Map();
  const failures = [];
  for (const [victim, phase] of STAGES) {
    const cycle = `trace-${victim}-${phase}`;
    const { boundaries, problems } = await traceCycle(
      lab,
      { victim, phase },
      cycle,
    );
    tally.addProblems(cycle, problems);
    const points = spread(boundaries, random).map(boundary => ({
      ...boundary,
      victim,
      phase,
    }));
    perVictim.set(victim, [...(perVictim.get(victim) ?? []), points]);
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
  // One of each victim in turn, and of each phase in turn within a victim.
  const queues = [...perVictim.values()].map(interleave);
  return { kills: interleave(queues), failures };
}

/** @template T @param {T[][]} lists @returns {T[]} */
function interleave(lists) {
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) =>
    lists.flatMap(list => (at < list.length ? [list[at]] : [])),
  ).flat();
}

/** Goes on until so many distinct boundaries have been hit. */
export async function killAtEach(lab, tally, points, wanted) {
  for (const point of points) {
    if (tally.killPoints.size >= wanted) return;
    await cycleOf(lab, tally, point);
    if (tally.cycles % SAY_EVERY === 0) say(tally.progress());
  }
}

async function cycleOf(lab, tally, point) {
  const cycle = `c${tally.cycles}`;
  try {
    tally.add(await runCycle(lab, point, { cycle }));
  } catch (error) {
    tally.addProblems(nameOf(point), [`broken: ${error.message}`]);
    for (const victim of Object.values(lab.victims)) {
      await victim.kill();
      await victim.startHealthy();
    }
  }
}

/** What came to a topic only after its cycle had been judged. */
export function checkLateArrivals(lab, tally) {
  const journal = [...lab.journal.entries.values()];
  const { problems } = judge(journal, lab.drain.copies);
  const known = new Set(tally.problems.map(({ problem }) => problem));
  tally.addProblems(
    'the end',
    [
      ...problems,
      ...findGhosts(new Set(lab.journal.entries.keys()), lab.drain.copies),
    ].filter(problem => !known.has(problem)),
  );
}

/** Counts what happened, and keeps what went wrong with how to see it again. */
export function createTally(seed) {
  const tally = {
    seed,
    cycles: 0,
    missed: 0,
    /** Distinct boundaries at which a process was killed. */
    killPoints: new Set(),
    errorsInjected: new Set(),
    survivedErrors: 0,
    kinds: new Map(),
    totals: {
      events: 0,
      lost: 0,
      duplicates: 0,
      retries: 0,
      repeatedBatches: 0,
    },
    stages: {},
    /** @type {{ where: string, problem: string }[]} */
    problems: [],
    addProblems(where, problems) {
      problems.forEach(problem => tally.problems.push({ where, problem }));
      if (problems.length > 0) {
        say(
          `✖ ${where}: ${problems
            .slice(0, 5)
            .join(
              '\n    ',
            )}\n  replay: npm run faults -- ingest --only ${where} --seed ${seed}`,
        );
      }
    },
    add({ point, wasHit, place, hasDied, problems, counts }) {
      tally.cycles += 1;
      for (const name of Object.keys(tally.totals)) {
        tally.totals[name] += counts[name];
      }
      tally.addProblems(point, problems);
      if (!wasHit || place === undefined) {
        tally.missed += 1;
        return;
      }
      const isError = /:E[A-Z]+$/.test(point);
      if (isError) {
        tally.errorsInjected.add(point);
        if (!hasDied) tally.survivedErrors += 1;
      } else {
        tally.killPoints.add(point);
      }
      const [victim, call] = point.split(':');
      const kind = `${victim} ${call} ${place}${
        isError ? ` ${point.split(':').at(-1)}` : ''
      }`;
      tally.kinds.set(kind, (tally.kinds.get(kind) ?? 0) + 1);
    },
    addStage(name, { problems, figures, counts }) {
      tally.stages[name] = figures;
      tally.addProblems(name, problems);
      tally.totals.lost += counts.lost;
      tally.totals.duplicates += counts.duplicates;
    },
    progress: () =>
      `${tally.killPoints.size} kill points, ${tally.errorsInjected.size} errors, ${tally.totals.events} events, ${tally.totals.lost} lost, ${tally.totals.duplicates} duplicates, ${tally.missed} missed`,
  };
  return tally;
}

function finish(tally, { killPoints, failures = [] }) {
  say(tally.progress());
  for (const [kind, count] of [...tally.kinds].sort()) {
    say(`  ${String(count).padStart(4)}  ${kind}`);
  }
  return conclude({
    name: 'ingest',
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
      problems: 0,
    },
    failures,
  });
}

import { setTimeout as pause } from 'node:timers/promises';
import { isAnswered, offer, settleAndJudge } from './lib/cycle.mjs';
import { createLab } from './lib/lab.mjs';
import { startPressure } from './lib/pressure.mjs';
import { conclude, say } from './lib/report.mjs';
import { until } from './lib/wait.mjs';

const SETTLED_SECONDS = 3;
/** Holds what the SDK has to keep through the longest outage. */
const LARGE_QUEUE = 64 * 2 ** 20;
const WAVE_EVERY_MS = 100;
const CATCH_UP_LIMIT_MS = 60_000;
/** A gateway under pressure without a broker must not grow beyond this. */
const MAX_GATEWAY_MIB = 512;
/** The gateway tries for 10 s before it gives a batch up and says 503. */
const SAYS_503_AFTER_SECONDS = 12;

/** What goes away, and how it comes back. */
const OUTAGES = {
  'broker killed': {
    down: ({ victims }) => victims.broker.kill(),
    up: ({ victims }) => victims.broker.startHealthy(),
    isRefused: true,
  },
  'broker frozen': {
    down: ({ victims }) => victims.broker.signal('SIGSTOP'),
    up: async ({ victims }) => victims.broker.signal('SIGCONT'),
    isRefused: true,
  },
  'database killed': {
    down: ({ database }) => database.kill(),
    up: ({ database }) => database.restart(),
    isRefused: false,
  },
  'database frozen': {
    down: ({ database }) => database.freeze(),
    up: ({ database }) => database.thaw(),
    isRefused: false,
  },
};

/**
 * `outage`: broker and database go away under load, by kill -9 and by SIGSTOP,
 * and come back. Without the broker the gateway says 503 and when to come again;
 * without the database it goes on accepting. Nothing is lost, and everything
 * catches up by itself.
 *
 * @param {{ node: string, env: NodeJS.ProcessEnv, seconds: number,
 *   only?: string[] }} options
 * @returns {Promise<number>} exit code
 */
export async function runOutage(options) {
  const failures = [];
  const outages = {};
  let lost = 0;
  let duplicates = 0;
  for (const name of options.only ?? Object.keys(OUTAGES)) {
    const result = await runOneOutage(name, options);
    failures.push(...result.problems.map(problem => `${name}: ${problem}`));
    lost += result.counts.lost;
    duplicates += result.counts.duplicates;
    outages[name] = result.figures;
  }
  return conclude({
    name: 'outage',
    figures: {
      lost,
      duplicates,
      seconds: options.seconds,
      gatewayMaxRssMiB: Math.max(
        ...Object.values(outages).map(each => each.gatewayMaxRssMiB),
      ),
      outages,
    },
    bars: { lost: 0, duplicates: 0 },
    failures,
  });
}

/** One outage in a lab of its own; `settled`: seconds of load before and after. */
export async function runOneOutage(name, options) {
  const { node, env, seconds, clients, settled = SETTLED_SECONDS } = options;
  const { down, up, isRefused } = OUTAGES[name];
  say(`${name} for ${seconds} s`);
  const lab = await createLab({ node, env, queueBytes: LARGE_QUEUE });
  const cycle = 'outage';
  try {
    const pressure = startPressure(lab, { cycle, clients });
    const sdk = startSdkLoad(lab, cycle);
    await pause(settled * 1_000);
    pressure.enter('during');
    await down(lab);
    await pause(seconds * 1_000);
    pressure.enter('after');
    const upAt = performance.now();
    await up(lab);
    const offeredBefore = lab.journal.of(cycle).map(({ id }) => id);
    const isCaughtUp = await until(
      () =>
        pressure.lastStatus() === 200 &&
        offeredBefore.every(id => isDone(lab, id)),
      CATCH_UP_LIMIT_MS,
    );
    const catchUpSeconds = (performance.now() - upAt) / 1_000;
    await pause(settled * 1_000);
    sdk.stop();
    await pressure.stop();
    const { highestMiB } = lab.victims.gateway.memory();
    const { counts, problems } = await settleAndJudge(lab, cycle, {
      mayResend: false,
      mayRepeatBatch: true,
    });
    const { statuses } = pressure;
    const notTaken = lab.journal.notTaken.size;
    if (notTaken > 0) {
      problems.push(`the queue of the SDK did not take ${notTaken} events`);
    }
    if (!isCaughtUp) problems.push('it does not catch up by itself');
    if (lab.victims.gateway.lives > 1 || !lab.victims.gateway.isRunning) {
      problems.push('the gateway did not live through it');
    }
    problems.push(...checkStatuses(statuses, { isRefused, seconds }));
    if (pressure.without > 0) {
      problems.push(`${pressure.without} times 503 came without Retry-After`);
    }
    if (highestMiB > MAX_GATEWAY_MIB) {
      problems.push(`the gateway took ${highestMiB.toFixed(0)} MiB of memory`);
    }
    return {
      problems,
      counts,
      figures: {
        ...counts,
        statuses,
        catchUpSeconds: Number(catchUpSeconds.toFixed(2)),
        gatewayMaxRssMiB: Math.round(highestMiB),
      },
    };
  } finally {
    // What is frozen cannot end.
    lab.victims.broker.signal('SIGCONT');
    lab.database.thaw();
    await lab.close();
  }
}

function checkStatuses(statuses, { isRefused, seconds }) {
  const { before, during, after, between } = statuses;
  const problems = [];
  const only = (phase, name, allowed) => {
    const others = Object.keys(phase).filter(
      status => !allowed.includes(status),
    );
    if (others.length > 0) problems.push(`${name} came ${others.join(', ')}`);
  };
  only(before, 'before the outage', ['200']);
  if (isRefused) {
    only(during, 'during the outage', ['503']);
    only(between, 'around the outage', ['200', '503']);
    only(after, 'after the outage', ['200', '503']);
    if (seconds >= SAYS_503_AFTER_SECONDS && !during['503']) {
      problems.push('503 never came during the outage');
    }
  } else {
    only(between, 'around the outage', ['200']);
    only(during, 'during the outage', ['200']);
    only(after, 'after the outage', ['200']);
    if (!during['200']) problems.push('nothing was accepted in the outage');
  }
  return problems;
}

/** Waves through the SDK, whatever becomes of them. */
function startSdkLoad(lab, cycle) {
  let wave = 0;
  const timer = setInterval(() => {
    offer(lab, cycle, `sdk-${(wave += 1)}`);
  }, WAVE_EVERY_MS);
  return { stop: () => clearInterval(timer) };
}

/** Whether an event of the SDK has its verdict; a raw one has had its answer. */
const isDone = (lab, id) =>
  !id.startsWith('sdk-') || isAnswered(lab.journal, id);

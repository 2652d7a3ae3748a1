import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { say } from '../lib/report.mjs';
import { until } from '../lib/wait.mjs';
import { createRig } from './rig.mjs';

const FAKE = fileURLToPath(new URL('../lib/clock.cjs', import.meta.url));
const HOUR_MS = 60 * 60_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
/** How long a clock is wrong: several buckets. */
const WRONG_MS = 5_000;
/**
 * A message that a killed worker held comes back when its minute to acknowledge is
 * over, and a bucket of a gateway that was killed waits for it.
 */
const SETTLE_LIMIT_MS = 90_000;

/** What happens to a clock. */
export const JUMPS = {
  '2 h ahead': { offsetMs: 2 * HOUR_MS },
  '2 h back': { offsetMs: -2 * HOUR_MS },
  '5 years ahead': { offsetMs: 5 * YEAR_MS },
  'standing still': { isFrozen: true },
};

/** Which clocks jump: of one gateway, the other stays right. */
const CASES = [
  ['worker', '2 h ahead'],
  ['worker', '2 h back'],
  ['worker', '5 years ahead'],
  ['worker', 'standing still'],
  ['gateway', '2 h ahead'],
  ['gateway', '2 h back'],
  ['gateway', '5 years ahead'],
  ['gateway', 'standing still'],
  ['broker', '2 h ahead'],
  ['broker', '2 h back'],
  ['broker', '5 years ahead'],
  ['broker', 'standing still'],
];

/**
 * Of which nothing may go: how much of it there is, of what was there at a time.
 * New rows come all the while and would hide that old ones go. What is sealed is
 * looked at as files besides; small id files become large ones, with the same ids.
 */
const KEPT = {
  partitions: ['count(*)', 'began_at'],
  staged_batches: ['count(*)', 'recorded_at'],
  refused_events: ['count(*)', 'recorded_at'],
  id_files: [
    'coalesce(sum(rows) FILTER (WHERE retired_at IS NULL), 0)',
    'sealed_from',
  ],
};

/**
 * The clock of one process after the other jumps and comes back, while events
 * are being delivered. While it is wrong: no bucket is sealed before its end, no
 * more buckets than have ended, and nothing is deleted. When it is right again,
 * everything is delivered, without anybody's help.
 */
export async function runClock(options) {
  const { node, env, seed, cases = CASES, preload, sealLimitMs } = options;
  const rig = await createRig(
    withFakeClock({ node, env, seed, name: 'clock', sealLimitMs, preload }),
  );
  const problems = [];
  try {
    // Not before there is something that a wrong clock could take away.
    await until(async () => {
      const { sealed, id_files: ids } = await look(rig);
      return sealed > 1 && ids > 0;
    }, SETTLE_LIMIT_MS);
    for (const [victim, jump] of cases) {
      say(`  the clock of the ${victim}: ${jump}`);
      rig.load.setLabel(`${victim}-${jump}`.replaceAll(' ', '-'));
      const found = await jumpOnce(rig, victim, JUMPS[jump]);
      problems.push(...found.map(each => `${victim} ${jump}: ${each}`));
    }
    const verdict = await rig.judge();
    return {
      problems: [...problems, ...verdict.problems],
      figures: { ...verdict.figures, jumps: cases.length },
    };
  } finally {
    options.onEnd?.(rig.lab);
    await rig.close();
  }
}

/** Options of a rig whose processes can be told another time. */
export function withFakeClock(options) {
  const { preload = {} } = options;
  return {
    ...options,
    preload: {
      ...preload,
      broker: FAKE,
      gateway: [FAKE, preload.gateway ?? []].flat(),
      worker: [FAKE, preload.worker ?? []].flat(),
    },
  };
}

async function jumpOnce(rig, victim, jump) {
  const problems = [];
  const process = rig.lab.victims[victim];
  const before = await look(rig);
  process.send({ type: 'clock', ...jump });
  const wrongUntil = Date.now() + WRONG_MS;
  while (Date.now() < wrongUntil) {
    const now = await look(rig, before.at);
    problems.push(...compareLooks(before, now, rig.bucketMs));
    if (problems.length > 0) break;
    await pause(250);
  }
  // A worker looks after what is old when it starts, and a gateway takes the
  // time: the worst moment.
  if (victim !== 'broker') {
    process.options.env.MILLRACE_FAULTS_CLOCK = JSON.stringify(jump);
    await process.kill();
    await process.startHealthy();
    delete process.options.env.MILLRACE_FAULTS_CLOCK;
    await pause(WRONG_MS / 2);
    problems.push(
      ...compareLooks(before, await look(rig, before.at), rig.bucketMs),
    );
  }
  process.send({ type: 'clock', offsetMs: 0 });
  const isBack = await until(
    async () => (await look(rig)).sealed > before.sealed + 2,
    SETTLE_LIMIT_MS,
  );
  if (!isBack) problems.push('stuck: it does not go on when it is right again');
  // What was thrown away while it was wrong may have gone a little later.
  problems.push(...compareKept(before, await look(rig, before.at)));
  return [...new Set(problems)];
}

function compareKept(before, now) {
  return Object.keys(KEPT)
    .filter(table => now[table] < before[table])
    .map(
      table =>
        `deleted: ${before[table] - now[table]} of ${
          before[table]
        } in ${table} do not count any more`,
    );
}

function compareLooks(before, now, bucketMs) {
  const problems = compareKept(before, now);
  if (now.ahead > 0) {
    problems.push(`ahead: ${now.ahead} buckets were closed before their end`);
  }
  // Of both types, and what had ended before and was not sealed yet.
  const ended = Math.ceil((now.at - before.at) / bucketMs) + 1;
  const most = before.sealed + 2 * ended + before.waiting;
  if (now.sealed > most) {
    problems.push(
      `closed: ${now.sealed - before.sealed} buckets were sealed in ${
        now.at - before.at
      } ms`,
    );
  }
  return problems;
}

/**
 * Time is the database's, whose clock is right.
 *
 * @param {{ query: (sql: string) => Promise<object[]> }} rig
 * @param {number} [since] milliseconds; of what is kept, what was there by then
 */
async function look({ query }, since) {
  const until = since === undefined ? 'now()' : `to_timestamp(${since} / 1e3)`;
  const kept = Object.entries(KEPT).map(
    ([table, [count, column]]) =>
      `(SELECT ${count} FROM ${table} WHERE ${column} <= ${until})::int AS ${table}`,
  );
  const [row] = await query(`
    SELECT (extract(epoch FROM now()) * 1000)::float8 AS at,
      (SELECT count(*) FROM partitions WHERE state = 'sealed')::int AS sealed,
      (SELECT count(*) FROM partitions WHERE bucket_end > now())::int AS ahead,
      (SELECT count(DISTINCT (event_type, landing_start)) FROM staged_batches
       WHERE consumed_at IS NULL)::int AS waiting,
      ${kept.join(', ')}`);
  return row;
}

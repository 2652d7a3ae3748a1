import { setTimeout as pause } from 'node:timers/promises';
import { compare } from '../oracle/compare.mjs';
import { readLake } from '../oracle/lake.mjs';
import { offer, settleAndJudge } from './lib/cycle.mjs';
import { createLab } from './lib/lab.mjs';
import { createRandom } from './lib/random.mjs';
import { say } from './lib/report.mjs';
import { until } from './lib/wait.mjs';

const SOURCE = '/faults/sender';
const BUCKET_SECONDS = 10;
const KILLS = 24;
const LONGEST_PAUSE_MS = 60;
/** A bucket of a killed gateway closes when its lease has run out. */
const SEAL_LIMIT_MS = 180_000;
const LOOK_EVERY_MS = 1_000;

/**
 * The whole way: broker, gateway, worker and SDK are killed at random moments
 * under load, and then the oracle compares what was sent with the sealed
 * partitions: every accepted event exactly once, every refused one listed.
 */
export async function runSealed({ node, env, seed, kills = KILLS }) {
  say('kills at random moments, up to the sealed partitions');
  const random = createRandom(`${seed} sealed`);
  const lab = await createLab({
    node,
    env,
    bucketSeconds: BUCKET_SECONDS,
    withWorker: true,
  });
  const cycle = 'sealed';
  try {
    const names = Object.keys(lab.victims);
    for (let kill = 0; kill < kills; kill += 1) {
      const victim = lab.victims[names[kill % names.length]];
      offer(lab, cycle, `${cycle}-${kill}`);
      await pause(random.next() * LONGEST_PAUSE_MS);
      await victim.kill();
      await victim.startHealthy();
    }
    const onTopics = await settleAndJudge(lab, cycle, {
      mayResend: true,
      mayRepeatBatch: true,
    });
    const journal = lab.journal.of(cycle).map(toOracleEntry);
    let verdict;
    let lake;
    await until(async () => {
      await pause(LOOK_EVERY_MS);
      lake = await readLake(lab.lakeRoot);
      verdict = compare(journal, lake.rows, await listRefused(lab.db));
      return verdict.problems.length === 0;
    }, SEAL_LIMIT_MS);
    return {
      problems: [...onTopics.problems, ...lake.problems, ...verdict.problems],
      counts: {
        lost: onTopics.counts.lost + verdict.lost,
        duplicates: onTopics.counts.duplicates,
      },
      figures: {
        kills,
        accepted: verdict.accepted,
        delivered: verdict.delivered,
        refused: verdict.refused,
        partitions: lake.partitions,
        lost: verdict.lost,
      },
    };
  } finally {
    await lab.close();
  }
}

function toOracleEntry({ id, type, data, verdict, sends, reason, pointer }) {
  const answer = sends.find(
    ({ outcome }) => outcome === 'accepted' || outcome === 'refused',
  );
  return {
    id,
    source: SOURCE,
    type,
    data,
    outcome: verdict ?? answer?.outcome ?? 'unknown',
    reason: reason ?? answer?.reason,
    pointer: pointer ?? answer?.pointer,
  };
}

async function listRefused(db) {
  const { rows } = await db.raw(
    'SELECT event_id, source, event_type, reason, pointer FROM refused_events',
  );
  return rows.map(row => ({
    eventId: row.event_id,
    source: row.source,
    eventType: row.event_type,
    reason: row.reason,
    pointer: row.pointer ?? undefined,
  }));
}

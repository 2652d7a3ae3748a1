import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { startBed } from '../bed/startBed.mjs';
import { summarize } from '../load/latencies.mjs';
import { measure } from '../load/measure.mjs';
import { readProfiles } from '../profile/readProfiles.mjs';
import { describeProfile } from '../profile/table.mjs';
import { cpuTable } from '../report/cpuTable.mjs';
import { latencyTable } from '../report/latencyTable.mjs';
import { count, percent } from '../report/numbers.mjs';
import { table } from '../report/table.mjs';
import { requireAllAccepted } from './cases.mjs';

const EVENT_TYPE = 'bench.order';
const BATCH_SIZE = 500;
const CONNECTIONS = 64;
const WARM_UP_MS = 5_000;

const BUCKET_SECONDS = 10;

/** What is offered; above the bar, because the last buckets are sealed later. */
const DEFAULT_EVENTS_PER_SECOND = 75_000;
const REPEAT = 0.01;
const SEALED_LIMIT_MS = 10 * 60_000;
const LOOK_MS = 100;

/**
 * The whole way: HTTP, gateway, broker, consumer, sealer, lake; everything
 * switched on. It ends when every accepted event is in a sealed partition, and
 * the oracle, which shares no code with Millrace, has compared the lake with
 * what the load generator was told.
 *
 * @param {import('./types').Context} given
 * @returns {Promise<import('./types').Outcome>}
 */
export async function run(given) {
  const { dir, rate = DEFAULT_EVENTS_PER_SECOND } = given;
  const context = { ...given, rate };
  const result = await runOnce(context, path.join(dir, 'measured'));
  const profile = context.profile ? await profiledRun(context) : '';
  const { verdict, lateness } = result;
  const figures = {
    eventsPerSecond: result.eventsPerSecond,
    acceptedPerSecond: result.load.accepted / result.load.seconds,
    events: verdict.accepted,
    duplicatesRemoved: verdict.removed,
    lost: verdict.lost + verdict.problems.length,
    latenessP50Ms: lateness.p50,
    latenessP99Ms: lateness.p99,
    latenessMaxMs: lateness.max,
    acceptP99Ms: result.load.latencyMs.p99,
  };
  return {
    figures,
    extent: `One run of ${context.seconds} s.`,
    bars: { eventsPerSecond: { atLeast: 60_000 }, lost: { atMost: 0 } },
    section: [
      `${count(rate)} events of 270 bytes a second for ${
        context.seconds
      } s, after ${
        WARM_UP_MS / 1000
      } s of warm-up that count too, in batches of ${BATCH_SIZE} over HTTP; ${percent(
        REPEAT,
      )} of them were sent before, word for word. Buckets of ${BUCKET_SECONDS} s. Ledger, broker, gateway, worker and load generator share the machine, with the settings the portal starts them with. Events per second are all accepted events over the time from the first request until the commit of the last partition was seen. Lateness is from the end of a bucket to its sealing. Lost counts the accepted events that are in no sealed partition, and every other complaint of the oracle (\`scripts/oracle/volume.mjs\`): rows that are there twice or were never sent, files that differ from their hash, books that do not close.`,
      table(
        [
          'accepted',
          'different events',
          'delivered',
          'removed',
          'lost',
          'sealed buckets',
        ],
        [
          [
            count(verdict.accepted),
            count(verdict.events),
            count(verdict.delivered),
            count(verdict.removed),
            String(figures.lost),
            count(lateness.count),
          ],
        ],
      ),
      table(
        ['lateness, s', 'p50', 'p99', 'max'],
        [
          [
            'of buckets with events',
            ...[lateness.p50, lateness.p99, lateness.max].map(each =>
              (each / 1000).toFixed(1),
            ),
          ],
        ],
      ),
      latencyTable({ load: [result.load] }, { load: 'accepting' }),
      cpuTable(
        { load: [result.load] },
        { load: 'while events came' },
        {
          gateway: 'gateway',
          broker: 'broker',
          worker: 'worker',
          generator: 'generator',
        },
      ),
      profile,
    ]
      .filter(Boolean)
      .join('\n\n'),
  };
}

async function runOnce(context, dir, profileDir) {
  fs.mkdirSync(dir, { recursive: true });
  const folders = {
    lakeRoot: path.join(dir, 'lake'),
    stagingDir: path.join(dir, 'staging'),
  };
  const bed = await startBed(context, {
    eventTypes: [EVENT_TYPE],
    writeKeys: { all: undefined },
    bucketSeconds: BUCKET_SECONDS,
    worker: folders,
    dir,
    profileDir,
  });
  const journal = path.join(dir, 'accepted.ids');
  const startedAt = Date.now();
  const load = await measure(
    {
      ...bed.target,
      writeKey: bed.keys.all,
      eventTypes: [EVENT_TYPE],
      batchSize: BATCH_SIZE,
      connections: CONNECTIONS,
      mode: {
        kind: 'open',
        requestsPerSecond: context.rate / BATCH_SIZE,
        arrival: 'poisson',
      },
      warmUpMs: WARM_UP_MS,
      durationMs: context.seconds * 1000,
      repeat: REPEAT,
      journal,
      seed: 1,
    },
    bed.pids,
  );
  requireAllAccepted(load);
  const { accepted } = load.overall;
  context.say(
    `${count(accepted)} events accepted; waiting for the last bucket`,
  );
  const sealedAt = await untilSealed(context, bed.db, accepted);
  const buckets = await bed
    .db('partitions')
    .where({ event_type: EVENT_TYPE, state: 'sealed' })
    .where('accepted', '>', 0)
    .select('sealed_at', 'bucket_end');
  await bed.stop();
  const verdict = await askOracle(context, { journal, ...folders });
  verdict.problems.forEach(problem => context.say(`oracle: ${problem}`));
  return {
    load,
    verdict,
    eventsPerSecond: accepted / ((sealedAt - startedAt) / 1000),
    lateness: summarize(
      buckets.map(each => each.sealed_at.getTime() - each.bucket_end.getTime()),
    ),
  };
}

async function untilSealed({ say }, db, accepted) {
  const limit = Date.now() + SEALED_LIMIT_MS;
  for (;;) {
    const [{ sum }] = await db('partitions')
      .where({ event_type: EVENT_TYPE, state: 'sealed' })
      .sum('accepted');
    if (Number(sum) >= accepted) return Date.now();
    if (Date.now() > limit) {
      say(`only ${sum} of ${accepted} events are sealed; giving up`);
      return Date.now();
    }
    await new Promise(resolve => setTimeout(resolve, LOOK_MS));
  }
}

async function askOracle({ node, root }, { journal, lakeRoot }) {
  const args = [
    '--max-old-space-size=8192',
    path.join(root, 'scripts/oracle/volume.mjs'),
    ...['--journal', journal],
    ...['--lake', lakeRoot],
    ...['--endpoint', EVENT_TYPE],
  ];
  const { stdout } = await promisify(execFile)(node, args).catch(error => {
    // It exits with 1 when it has something to complain about.
    if (error.stdout) return error;
    throw error;
  });
  return JSON.parse(stdout);
}

/** Once more with profiles; its figures count for nothing else. */
async function profiledRun(context) {
  const { dir, root } = context;
  const profileDir = path.join(dir, 'profiles');
  const { load } = await runOnce(
    context,
    path.join(dir, 'profiled'),
    profileDir,
  );
  return [
    '### Where the time goes: from HTTP to sealed partitions',
    ...['gateway', 'broker', 'worker'].map(role =>
      describeProfile(
        role,
        readProfiles(path.join(profileDir, role), load.window, root),
      ),
    ),
  ].join('\n\n');
}

import fs from 'node:fs';
import path from 'node:path';
import { cpuMsOf } from '../bed/cpu.mjs';
import { fillHorizon } from '../bed/fillHorizon.mjs';
import {
  createDatabase,
  createTopics,
  publishConfig,
} from '../bed/provision.mjs';
import { ledger } from '../bed/rooms.mjs';
import { startBroker, startWorkerRole } from '../bed/roles.mjs';
import { stageEvents } from '../bed/stageEvents.mjs';
import { median, spread } from '../load/latencies.mjs';
import { readProfiles } from '../profile/readProfiles.mjs';
import { describeProfile } from '../profile/table.mjs';
import { count, percent } from '../report/numbers.mjs';
import { table } from '../report/table.mjs';
import { medianOf } from './cases.mjs';

const EVENT_TYPE = 'bench.order';
const EVENTS = 1_000_000;
const HORIZON = { ids: 20_000_000, files: 10 };

/** Half of them inside the bucket, half of earlier ones. */
const DUPLICATE_SHARE = 0.01;
const HOUR_MS = 3_600_000;
const FIRST_HOUR_AGO = 120;
/** Batches of them lie mixed in the staged files, as with a load balancer. */
const GATEWAYS = ['bench-a', 'bench-b', 'bench-c'].map(gateway => ({
  gateway,
  epoch: 'bench',
}));
const SEAL_LIMIT_MS = 10 * 60_000;
const LOOK_MS = 20;

/**
 * How long a worker takes to seal an hour of a million staged events, with the
 * ids of twenty million earlier ones to compare them with: from the beginning
 * of sealing, when the set of batches is frozen, until the commit is seen.
 *
 * Each run is one more hour of the same event type, sealed by the same worker.
 *
 * @param {import('./types').Context} context
 * @returns {Promise<import('./types').Outcome>}
 */
export async function run(context) {
  const { dir, runs, say } = context;
  const bed = await startSealingBed(context, { dir });
  const results = [];
  for (let round = 0; round < runs; round++) {
    const result = await bed.sealNext();
    results.push(result);
    say(
      `run ${round + 1}  ${result.seconds.toFixed(
        2,
      )} s   ${result.cpuSeconds.toFixed(2)} s of CPU   ${count(
        result.delivered,
      )} delivered, ${count(result.duplicates)} duplicates`,
    );
  }
  await bed.stop();
  const profile = context.profile ? await profiledRun(context) : '';

  const seconds = results.map(result => result.seconds);
  const figures = {
    sealSeconds: median(seconds),
    eventsPerSecond: EVENTS / median(seconds),
    cpuSeconds: medianOf(results, each => each.cpuSeconds),
    horizonIds: HORIZON.ids,
    meanLineBytes: medianOf(results, ({ bytes }) => bytes / EVENTS),
  };
  return {
    figures,
    extent: `${count(runs)} runs of a million events.`,
    bars: { sealSeconds: { atMost: 10 } },
    section: [
      `${count(
        EVENTS,
      )} events of one hour, each 270 bytes as its producer sends it and ${figures.meanLineBytes.toFixed(
        0,
      )} as a gateway writes it, in batches of 500 as ${
        GATEWAYS.length
      } gateways in turn compress them and files as consumers write them, ${percent(
        DUPLICATE_SHARE,
      )} of them duplicates: half of events of the same hour, half of events from long before. The ids of ${count(
        HORIZON.ids,
      )} earlier events are there already, in ${
        HORIZON.files
      } files. A worker as the portal starts it, with its default memory limit. The time is from the moment the set of batches is frozen until the commit is visible, in wall-clock time. Every run checks that exactly the duplicates that were put in were removed. Medians of ${runs} runs, each of another hour.`,
      table(
        [
          'sealing a million events',
          'seconds',
          'events/s',
          'spread',
          'CPU seconds',
        ],
        [
          [
            'worker',
            figures.sealSeconds.toFixed(2),
            count(figures.eventsPerSecond),
            percent(spread(seconds)),
            figures.cpuSeconds.toFixed(2),
          ],
        ],
      ),
      profile,
    ]
      .filter(Boolean)
      .join('\n\n'),
  };
}

async function startSealingBed(context, { dir, profileDir }) {
  const database = await createDatabase(context);
  const { db } = await publishConfig(context, database, {
    eventTypes: [EVENT_TYPE],
    writeKeys: {},
    now: new Date(Date.now() - 2 * FIRST_HOUR_AGO * HOUR_MS),
  });
  const { brokerPort, pubsub, broker } = await startBroker(context, { dir });
  await createTopics(pubsub, [EVENT_TYPE]);
  const folders = {
    lakeRoot: path.join(dir, 'lake'),
    stagingDir: path.join(dir, 'staging'),
  };
  const earlier = Array.from(
    { length: (EVENTS * DUPLICATE_SHARE) / 2 },
    (_, n) => ({
      id: `earlier-${n}`,
      source: '/shop/web',
      data: `{"orderId":"o-${n}","customerId":"c","amount":1,"currency":"EUR","items":1}`,
    }),
  );
  context.say(`putting the ids of ${count(HORIZON.ids)} events there`);
  await fillHorizon({
    ...HORIZON,
    ...folders,
    db,
    dir,
    eventType: EVENT_TYPE,
    events: earlier,
  });
  const worker = await startWorkerRole(context, {
    dir,
    profileDir,
    database,
    brokerPort,
    ...folders,
  });
  let hour = Math.floor(Date.now() / HOUR_MS) - FIRST_HOUR_AGO;
  // Alive, so that no hour is closed before it is declared.
  for (const gateway of GATEWAYS) {
    await ledger.heartbeatGateway(db, {
      ...gateway,
      startedAt: new Date(hour * HOUR_MS),
      url: 'http://127.0.0.1',
      pid: process.pid,
      leaseMs: HOUR_MS * FIRST_HOUR_AGO,
    });
  }

  return {
    async sealNext() {
      const bucket = { start: new Date(hour * HOUR_MS), seconds: 3_600 };
      hour += 1;
      const staged = await stageEvents({
        db,
        ...folders,
        eventType: EVENT_TYPE,
        gateways: GATEWAYS,
        bucket,
        events: EVENTS,
        again: earlier,
        repeats: earlier.length,
      });
      return { ...(await sealOne(db, worker, bucket, staged)), ...staged };
    },
    async stop() {
      await worker.stop();
      await broker.stop();
    },
  };
}

/** Lets the gateways declare the hour, and waits until the worker has sealed it. */
async function sealOne(db, worker, bucket, { published }) {
  for (const [index, { batches, events }] of published.entries()) {
    await ledger.declareBucket(db, {
      ...GATEWAYS[index],
      bucket,
      counts: [
        {
          eventType: EVENT_TYPE,
          lastBatch: batches,
          abandonedBatches: [],
          events,
        },
      ],
    });
  }
  const look = () =>
    ledger.getPartition(db, {
      eventType: EVENT_TYPE,
      bucketStart: bucket.start,
    });
  const limit = Date.now() + SEAL_LIMIT_MS;
  const cpuMsBefore = cpuMsOf(worker.pid);
  for (;;) {
    const partition = await look();
    if (partition?.state === 'sealed') {
      const sealedAt = Date.now();
      const [{ began_at: beganAt }] = await db('partitions')
        .where({ partition_id: partition.partitionId })
        .select('began_at');
      const { delivered, duplicates } = partition;
      if (duplicates !== EVENTS * DUPLICATE_SHARE) {
        throw new Error(
          `Void: ${
            EVENTS * DUPLICATE_SHARE
          } duplicates were put in, ${duplicates} were removed`,
        );
      }
      return {
        seconds: (sealedAt - beganAt.getTime()) / 1000,
        cpuSeconds: (cpuMsOf(worker.pid) - cpuMsBefore) / 1000,
        delivered,
        duplicates,
      };
    }
    if (Date.now() > limit) {
      throw worker.describe('The worker has not sealed the hour');
    }
    await new Promise(resolve => setTimeout(resolve, LOOK_MS));
  }
}

/** Once more with profiles; its figures count for nothing else. */
async function profiledRun(context) {
  const { dir, root } = context;
  const data = path.join(dir, 'profiled');
  const profileDir = path.join(dir, 'profiles');
  fs.mkdirSync(data);
  const bed = await startSealingBed(context, { dir: data, profileDir });
  const nowUs = () => Number(process.hrtime.bigint() / 1000n);
  const window = { fromUs: nowUs() };
  await bed.sealNext();
  window.toUs = nowUs();
  await bed.stop();
  return [
    '### Where the time goes: sealing a million events',
    'Nearly all of it is in the threads of DuckDB, of which a profile shows nothing.',
    describeProfile(
      'worker',
      readProfiles(path.join(profileDir, 'worker'), window, root),
    ),
  ].join('\n\n');
}

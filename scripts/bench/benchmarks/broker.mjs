import fs from 'node:fs';
import path from 'node:path';
import { startBroker } from '../bed/roles.mjs';
import { watchCpu } from '../bed/cpu.mjs';
import { measureBareLmdb } from '../limits/measureBareLmdb.mjs';
import { measureDisk } from '../limits/disk.mjs';
import { measureEndToEnd, publishFor, receive } from '../load/messages.mjs';
import { median, spread } from '../load/latencies.mjs';
import { readProfiles } from '../profile/readProfiles.mjs';
import { describeProfile } from '../profile/table.mjs';
import { count, ms, percent } from '../report/numbers.mjs';
import { table } from '../report/table.mjs';
import { medianOf } from './cases.mjs';

const SIZES = {
  '1kB': 1_000,
  '30kB': 30_000,
  '135kB': 135_000,
  '1MB': 1_000_000,
};
const IN_FLIGHT_BYTES = 4_000_000;
const IN_FLIGHT = { least: 8, most: 256 };
const END_TO_END = { bytes: 30_000, perSecond: 100 };
const WARM_UP_MS = 1_000;
const DISK_MS = 500;

/**
 * The local broker alone, through the official client: what it commits per
 * second, what it passes on, and how long that takes; beside what LMDB and the
 * disk do by themselves in the same run.
 *
 * @param {import('./types').Context} context
 * @returns {Promise<import('./types').Outcome>}
 */
export async function run(context) {
  const { dir, seconds, runs, say } = context;
  const bed = await startBroker(context, { dir });
  const results = Object.fromEntries(
    Object.keys(SIZES).map(name => [name, []]),
  );
  const endToEnd = [];
  await warmUp(bed.pubsub);
  for (let round = 1; round <= runs; round++) {
    for (const name of Object.keys(SIZES)) {
      const result = await measureSize(context, bed, name, round);
      results[name].push(result);
      say(
        `run ${round}  ${name.padEnd(6)} publish ${count(
          result.publish,
        )}/s   drain ${count(result.drain)}/s   both ${count(
          result.both,
        )}/s   bare LMDB ${count(result.bareLmdb)}/s`,
      );
    }
    endToEnd.push(await runEndToEnd(bed.pubsub, `latency-${round}`, seconds));
  }
  await bed.broker.stop();
  const profile = context.profile ? await profiledRun(context) : '';

  const rate = (name, key) => median(results[name].map(each => each[key]));
  const figures = {
    ...Object.fromEntries(
      Object.keys(SIZES).flatMap(name => [
        [`publish${name}PerSecond`, rate(name, 'publish')],
        [`both${name}PerSecond`, rate(name, 'both')],
        [
          `ratioToBareLmdb${name}`,
          rate(name, 'publish') / rate(name, 'bareLmdb'),
        ],
      ]),
    ),
    endToEndP50Ms: medianOf(endToEnd, each => each.latencyMs.p50),
    endToEndP99Ms: medianOf(endToEnd, each => each.latencyMs.p99),
  };
  return {
    figures,
    bars: { publish135kBPerSecond: { atLeast: 320 } },
    section: [
      `The official client, one message per publish call, random bytes, up to ${
        IN_FLIGHT_BYTES / 1e6
      } MB (${IN_FLIGHT.least} to ${
        IN_FLIGHT.most
      } messages) on their way. "Publish": confirmed messages with a subscription nobody reads. "Drain": received and acknowledged after that, everything there is. "Both": publish and receive at once, until all is received. Every message published is received. Beside it, with the same sizes: LMDB alone with the broker's settings and as many values on their way, and one write with fdatasync after the other. Medians of ${runs} runs of ${seconds} s.`,
      throughputTable(results),
      `On two cores both ends share the machine: while messages of 135 kB are published, the broker keeps ${medianOf(
        results['135kB'],
        each => each.cpu.cores.broker,
      ).toFixed(2)} and the client ${medianOf(
        results['135kB'],
        each => each.cpu.cores.client,
      ).toFixed(
        2,
      )} cores busy. The disk is not the limit as long as "flushes" is well above "publish", and with group commit several messages share a flush.`,
      `End to end, ${END_TO_END.perSecond} messages of ${
        END_TO_END.bytes / 1000
      } kB a second, from the moment each was due to the subscriber's handler: p50 ${ms(
        figures.endToEndP50Ms,
      )} ms, p99 ${ms(figures.endToEndP99Ms)} ms.`,
      profile,
    ]
      .filter(Boolean)
      .join('\n\n'),
  };
}

function inFlightOf(bytes) {
  const wanted = Math.round(IN_FLIGHT_BYTES / bytes);
  return Math.min(IN_FLIGHT.most, Math.max(IN_FLIGHT.least, wanted));
}

async function measureSize(context, { pubsub, broker }, name, round) {
  const bytes = SIZES[name];
  const load = {
    bytes,
    inFlight: inFlightOf(bytes),
    ms: context.seconds * 1000,
  };
  const queue = await createQueue(pubsub, `${name}-${round}`);

  const finish = watchCpu({ broker: broker.pid, client: process.pid });
  const publish = await publishFor(pubsub, { ...queue, ...load });
  const cpu = finish();
  const drainedFrom = performance.now();
  const drained = receive(pubsub, queue.subscription);
  const drainedAt = await requireReceived(drained, publish.published);

  const bothFrom = performance.now();
  const receiver = receive(pubsub, queue.subscription);
  const both = await publishFor(pubsub, { ...queue, ...load });
  const bothAt = await requireReceived(receiver, both.published);
  await pubsub.subscription(queue.subscription).delete();
  await pubsub.topic(queue.topic).delete();
  return {
    publish: publish.published / publish.seconds,
    drain: (publish.published / (drainedAt - drainedFrom)) * 1000,
    both: (both.published / (bothAt - bothFrom)) * 1000,
    cpu,
    bareLmdb: await measureBareLmdb(context, load),
    flushes: measureDisk(context.dir, { bytes, ms: DISK_MS }).perSecond,
  };
}

async function requireReceived(receiver, published) {
  const lastAt = await receiver.untilReceived(published);
  if (receiver.received !== published) {
    throw new Error(
      `Void: ${published} messages were confirmed, ${receiver.received} were received`,
    );
  }
  return lastAt;
}

async function createQueue(pubsub, name) {
  const topic = `bench-${name}`;
  const subscription = `${topic}.reader`;
  await pubsub.createTopic(topic);
  await pubsub.topic(topic).createSubscription(subscription);
  return { topic, subscription };
}

async function warmUp(pubsub) {
  const queue = await createQueue(pubsub, 'warm-up');
  const receiver = receive(pubsub, queue.subscription);
  const load = { bytes: SIZES['30kB'], inFlight: 32, ms: WARM_UP_MS };
  const { published } = await publishFor(pubsub, { ...queue, ...load });
  await requireReceived(receiver, published);
}

async function runEndToEnd(pubsub, name, seconds) {
  const queue = await createQueue(pubsub, name);
  return measureEndToEnd(pubsub, {
    ...queue,
    ...END_TO_END,
    ms: seconds * 1000,
  });
}

function throughputTable(results) {
  return table(
    [
      'message',
      'publish/s',
      'MB/s',
      'drain/s',
      'both/s',
      'LMDB alone/s',
      'flushes/s',
      'spread',
      'broker cores',
      'client cores',
    ],
    Object.entries(results).map(([name, runs]) => {
      const of = key => median(runs.map(each => each[key]));
      const cores = process => medianOf(runs, each => each.cpu.cores[process]);
      return [
        name,
        count(of('publish')),
        ((of('publish') * SIZES[name]) / 1e6).toFixed(0),
        count(of('drain')),
        count(of('both')),
        count(of('bareLmdb')),
        count(of('flushes')),
        percent(spread(runs.map(each => each.publish))),
        cores('broker').toFixed(2),
        cores('client').toFixed(2),
      ];
    }),
  );
}

/** Once more with profiles; its figures count for nothing else. */
async function profiledRun(context) {
  const { dir, seconds, root } = context;
  const data = path.join(dir, 'profiled');
  const profileDir = path.join(dir, 'profiles');
  fs.mkdirSync(data);
  const { broker, pubsub } = await startBroker(context, {
    dir: data,
    profileDir,
  });
  await warmUp(pubsub);
  const nowUs = () => Number(process.hrtime.bigint() / 1000n);
  const queue = await createQueue(pubsub, 'profiled');
  const bytes = SIZES['135kB'];
  const window = { fromUs: nowUs() };
  await publishFor(pubsub, {
    ...queue,
    bytes,
    inFlight: inFlightOf(bytes),
    ms: seconds * 1000,
  });
  window.toUs = nowUs();
  await broker.stop();
  return [
    '### Where the time goes: publishing messages of 135 kB',
    describeProfile(
      'broker',
      readProfiles(path.join(profileDir, 'broker'), window, root),
    ),
  ].join('\n\n');
}

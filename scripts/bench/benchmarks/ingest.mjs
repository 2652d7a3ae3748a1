import { startBed } from '../bed/startBed.mjs';
import { startBareServer } from '../limits/bareServer.mjs';
import { measureDisk } from '../limits/disk.mjs';
import { spread } from '../load/latencies.mjs';
import { measure } from '../load/measure.mjs';
import { profiledRun } from '../profile/profiledRun.mjs';
import { cpuTable } from '../report/cpuTable.mjs';
import { latencyTable } from '../report/latencyTable.mjs';
import { count, ms, percent } from '../report/numbers.mjs';
import { table } from '../report/table.mjs';
import {
  measureAndVerify,
  medianOf,
  perSecond,
  takeTurns,
  WARM_UP_MS,
} from './cases.mjs';

const BATCH_SIZE = 500;
const BATCH_CONNECTIONS = 8;
const SINGLE_CONNECTIONS = 64;
const LATENCY_CONNECTIONS = { batch: 64, single: 128 };
const EVENT_TYPES = ['order', 'refund', 'visit', 'search', 'login'].map(
  name => `bench.${name}`,
);
const DISK_MS = 1_000;

/**
 * How much the gateway takes, each event committed by the broker before its
 * reply, beside what a bare server on the same machine takes in the same run.
 *
 * Capacity is found with closed connections, which keep the gateway saturated;
 * latency with an open schedule at half of it. The cases take turns, so that a
 * machine that changes its speed changes it for all of them.
 *
 * @param {import('./types').Context} context
 * @returns {Promise<import('./types').Outcome>}
 */
export async function run(context) {
  const { dir, seconds, runs } = context;
  const disk = measureDisk(dir, { bytes: 4_096, ms: DISK_MS });
  const bed = await startBed(context, { ...bedOptions, dir });
  const bare = [];
  for (const processes of [1, 2]) {
    bare.push(await startBareServer(context, { dir, processes }));
  }
  const capacity = await takeTurns(
    { ...gatewayCases(bed), ...bareCases(bare) },
    context,
  );
  const latency = await takeTurns(
    halfLoadCases(bed, {
      batch: medianOf(capacity.batch, perSecond),
      single: medianOf(capacity.single, perSecond),
    }),
    context,
  );
  for (const server of bare) await server.stop();
  await bed.stop();
  const profile = context.profile
    ? await profiledRun(context, {
        bedOptions,
        titles: TITLES,
        casesOf: profiled => {
          const { batch, single } = gatewayCases(profiled);
          return { batch, single };
        },
      })
    : '';

  const figures = figuresOf(capacity, latency, disk);
  return {
    figures,
    bars: {
      eventsPerSecond: { atLeast: 120_000 },
      singleRequestsPerSecond: { atLeast: 6_000 },
      p99AtHalfLoadMs: { atMost: 50 },
    },
    section: [
      describeMethod(capacity.batch[0], seconds, runs),
      capacityTable(capacity),
      latencyTable(latency, TITLES),
      cpuTable({ ...capacity, ...latency }, TITLES, PROCESSES),
      describeLimits(figures, disk, capacity.batch),
      profile,
    ]
      .filter(Boolean)
      .join('\n\n'),
  };
}

const bedOptions = {
  eventTypes: EVENT_TYPES,
  writeKeys: { all: undefined },
};
const BATCH = { batchSize: BATCH_SIZE, connections: BATCH_CONNECTIONS };
const SINGLE = { batchSize: 1, connections: SINGLE_CONNECTIONS };
const CLOSED = { mode: { kind: 'closed' } };

function gatewayCases(bed) {
  const one = EVENT_TYPES.slice(0, 1);
  const verified = load => options =>
    measureAndVerify(bed, { ...ownTarget(bed), ...load, ...options });
  return {
    batch: verified({ ...BATCH, ...CLOSED, eventTypes: one }),
    batchFiveTypes: verified({ ...BATCH, ...CLOSED, eventTypes: EVENT_TYPES }),
    single: verified({ ...SINGLE, ...CLOSED, eventTypes: one }),
  };
}

function bareCases([one, two]) {
  const bare = (server, load) => options =>
    measure(
      {
        ...server.target,
        ...load,
        ...CLOSED,
        eventTypes: EVENT_TYPES.slice(0, 1),
        ...options,
      },
      server.pids,
    );
  return {
    bareBatch: bare(one, BATCH),
    bareBatchTwo: bare(two, BATCH),
    bareSingle: bare(one, SINGLE),
    bareSingleTwo: bare(two, SINGLE),
  };
}

function halfLoadCases(bed, perSecondOf) {
  const open = (batchSize, connections, eventsPerSecond) => options =>
    measureAndVerify(bed, {
      ...ownTarget(bed),
      eventTypes: EVENT_TYPES.slice(0, 1),
      batchSize,
      connections,
      mode: {
        kind: 'open',
        requestsPerSecond: eventsPerSecond / 2 / batchSize,
        arrival: 'poisson',
      },
      ...options,
    });
  return {
    batchHalfLoad: open(
      BATCH_SIZE,
      LATENCY_CONNECTIONS.batch,
      perSecondOf.batch,
    ),
    singleHalfLoad: open(1, LATENCY_CONNECTIONS.single, perSecondOf.single),
  };
}

const ownTarget = bed => ({ ...bed.target, writeKey: bed.keys.all });

function figuresOf(capacity, latency, disk) {
  const rate = name => medianOf(capacity[name], perSecond);
  const bareLimit = Math.max(rate('bareBatch'), rate('bareBatchTwo'));
  const bareSingleLimit = Math.max(rate('bareSingle'), rate('bareSingleTwo'));
  const p = (name, which) =>
    medianOf(latency[name], ({ latencyMs }) => latencyMs[which]);
  return {
    eventsPerSecond: rate('batch'),
    eventsPerSecondFiveTypes: rate('batchFiveTypes'),
    singleRequestsPerSecond: rate('single'),
    p50AtHalfLoadMs: p('batchHalfLoad', 'p50'),
    p99AtHalfLoadMs: p('batchHalfLoad', 'p99'),
    p999AtHalfLoadMs: p('batchHalfLoad', 'p999'),
    singleP99AtHalfLoadMs: p('singleHalfLoad', 'p99'),
    ratioToBareLimit: rate('batch') / bareLimit,
    ratioToBareProcess: rate('batch') / rate('bareBatch'),
    singleRatioToBareLimit: rate('single') / bareSingleLimit,
    bareEventsPerSecond: rate('bareBatch'),
    bareEventsPerSecondTwoProcesses: rate('bareBatchTwo'),
    bareSingleRequestsPerSecond: rate('bareSingle'),
    bareSingleRequestsPerSecondTwoProcesses: rate('bareSingleTwo'),
    flushesPerSecond: disk.perSecond,
    flushMs: disk.p50,
    meanEventBytes: capacity.batch[0].meanEventBytes,
  };
}

function describeMethod({ meanEventBytes }, seconds, runs) {
  return `Events are CloudEvents in JSON of ${meanEventBytes.toFixed(
    0,
  )} bytes on average, from a pool of 16,384 different ones, each sent with a fresh random UUID. Batches have ${BATCH_SIZE} events. Capacity: ${BATCH_CONNECTIONS} keep-alive connections for batches and ${SINGLE_CONNECTIONS} for single events, each sending its next request when the last is answered. Latency: requests due by a Poisson schedule at half the capacity, counted from the moment they were due. After every run all messages are taken off the broker: the events must be exactly those that were accepted. Medians of ${runs} runs of ${seconds} s, after ${
    WARM_UP_MS / 1000
  } s of warm-up each; the cases take turns.`;
}

const TITLES = {
  batch: 'gateway, batches, one event type',
  batchFiveTypes: 'gateway, batches, five event types mixed',
  single: 'gateway, single events',
  bareBatch: 'bare server, batches, one process',
  bareBatchTwo: 'bare server, batches, two processes',
  bareSingle: 'bare server, single events, one process',
  bareSingleTwo: 'bare server, single events, two processes',
  batchHalfLoad: 'gateway, batches, half load',
  singleHalfLoad: 'gateway, single events, half load',
};

const PROCESSES = {
  gateway: 'gateway',
  broker: 'broker',
  server: 'bare server',
  generator: 'generator',
};

function capacityTable(capacity) {
  return table(
    ['capacity', 'events/s', 'requests/s', 'MB/s of JSON', 'spread of runs'],
    Object.entries(capacity).map(([name, results]) => {
      const rate = medianOf(results, perSecond);
      return [
        TITLES[name],
        count(rate),
        count(medianOf(results, each => each.requests / each.seconds)),
        ((rate * results[0].meanEventBytes) / 1e6).toFixed(1),
        percent(spread(results.map(perSecond))),
      ];
    }),
  );
}

function describeLimits(figures, disk, results) {
  const { stored } = results[0];
  return `The physical limits beside it: this disk makes ${count(
    disk.perSecond,
  )} single writes of 4 kB durable per second (median ${ms(
    disk.p50,
  )} ms, p99 ${ms(
    disk.p99,
  )} ms for write and fdatasync). The bare server parses, validates, compresses and flushes, and does nothing else; the gateway reaches ${percent(
    figures.ratioToBareLimit,
  )} of its better figure, and ${percent(
    figures.ratioToBareProcess,
  )} of what one such process does. In batches the broker got ${count(
    stored.events / stored.messages,
  )} events per message, ${(stored.bytes / stored.events).toFixed(
    0,
  )} bytes per event after compression.`;
}

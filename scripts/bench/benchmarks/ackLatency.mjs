import { startBed } from '../bed/startBed.mjs';
import { measureDisk } from '../limits/disk.mjs';
import { profiledRun } from '../profile/profiledRun.mjs';
import { cpuTable } from '../report/cpuTable.mjs';
import { latencyTable } from '../report/latencyTable.mjs';
import { count, ms } from '../report/numbers.mjs';
import {
  measureAndVerify,
  medianOf,
  perSecond,
  takeTurns,
  WARM_UP_MS,
} from './cases.mjs';

const EVENT_TYPE = 'bench.order';
const CAPACITY_CONNECTIONS = 64;
const CONNECTIONS = [32, 128, 512];
const FIXED_RATE = 5_000;
const AIM_MS = 15;
const SHARES = [0.25, 0.5, 0.75];
const SHARE_CONNECTIONS = 128;

const bedOptions = {
  eventTypes: [EVENT_TYPE],
  writeKeys: { all: undefined },
};

/**
 * How long a producer waits for the reply to one event, which comes after the
 * broker's commit: at 5,000 events a second over different numbers of
 * connections, and at shares of the capacity measured in the same run.
 *
 * @param {import('./types').Context} context
 * @returns {Promise<import('./types').Outcome>}
 */
export async function run(context) {
  const { dir, seconds, runs, say } = context;
  const disk = measureDisk(dir, { bytes: 4_096, ms: 1_000 });
  const bed = await startBed(context, { ...bedOptions, dir });
  const capacity = await takeTurns(
    {
      capacity: verified(bed, {
        connections: CAPACITY_CONNECTIONS,
        mode: { kind: 'closed' },
      }),
    },
    context,
  );
  const limit = medianOf(capacity.capacity, perSecond);
  const isWithinReach = FIXED_RATE < limit;
  if (!isWithinReach) {
    say(
      `The capacity is ${count(limit)} events/s: ${count(
        FIXED_RATE,
      )} cannot be held, so that part is left out`,
    );
  }
  const cases = {};
  const titles = {};
  for (const connections of isWithinReach ? CONNECTIONS : []) {
    const name = `fixed${connections}`;
    cases[name] = open(bed, FIXED_RATE, connections);
    titles[name] = `${count(FIXED_RATE)} events/s, ${connections} connections`;
  }
  for (const share of SHARES) {
    const name = `share${share * 100}`;
    cases[name] = open(bed, limit * share, SHARE_CONNECTIONS);
    titles[name] = `${
      share * 100
    } % of capacity, ${SHARE_CONNECTIONS} connections`;
  }
  const results = await takeTurns(cases, context);
  await bed.stop();
  const profile = context.profile
    ? await profiledRun(context, {
        bedOptions,
        titles,
        casesOf: profiled => ({
          share50: open(profiled, limit / 2, SHARE_CONNECTIONS),
        }),
      })
    : '';

  const p99 = name =>
    results[name] ? medianOf(results[name], each => each.latencyMs.p99) : NaN;
  return {
    figures: {
      p99AtHalfLoadMs: p99('share50'),
      p99At25PercentMs: p99('share25'),
      p99At75PercentMs: p99('share75'),
      p99At5000Connections32Ms: p99('fixed32'),
      p99At5000Connections128Ms: p99('fixed128'),
      p99At5000Connections512Ms: p99('fixed512'),
      p50AtHalfLoadMs: medianOf(results.share50, each => each.latencyMs.p50),
      capacityPerSecond: limit,
      flushMs: disk.p50,
      flushP99Ms: disk.p99,
    },
    bars: { p99AtHalfLoadMs: { atMost: 50 } },
    section: [
      `One event per request, due by a Poisson schedule; latency counts from the moment a request was due, so a stall shows with everything it delayed. The capacity, with ${CAPACITY_CONNECTIONS} connections that each wait for their reply, was ${count(
        limit,
      )} events/s. After every run the events on the broker are exactly those that were accepted. Medians of ${runs} runs of ${seconds} s, after ${
        WARM_UP_MS / 1000
      } s of warm-up each. The aim is a p99 of ${AIM_MS} ms.`,
      latencyTable(results, titles),
      cpuTable(results, titles, {
        gateway: 'gateway',
        broker: 'broker',
        generator: 'generator',
      }),
      `The physical limit: one durable write of 4 kB takes this disk ${ms(
        disk.p50,
      )} ms, and ${ms(
        disk.p99,
      )} ms at the 99th percentile. A connection carries one request at a time, so few connections bound the rate: 32 of them at 5 ms each hold 6,400 requests a second. The generator wakes up once a millisecond, which is part of what it measures; a last column well above 1 ms means that it, or the machine, was the bottleneck.`,
      profile,
    ]
      .filter(Boolean)
      .join('\n\n'),
  };
}

function verified(bed, load) {
  return options =>
    measureAndVerify(bed, {
      ...bed.target,
      writeKey: bed.keys.all,
      eventTypes: [EVENT_TYPE],
      batchSize: 1,
      ...load,
      ...options,
    });
}

function open(bed, requestsPerSecond, connections) {
  return verified(bed, {
    connections,
    mode: { kind: 'open', requestsPerSecond, arrival: 'poisson' },
  });
}

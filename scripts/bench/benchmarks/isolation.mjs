import { drain } from '../bed/drain.mjs';
import { startBed } from '../bed/startBed.mjs';
import { startLoad } from '../load/startLoad.mjs';
import { measure } from '../load/measure.mjs';
import { profiledRun } from '../profile/profiledRun.mjs';
import { cpuTable } from '../report/cpuTable.mjs';
import { latencyTable } from '../report/latencyTable.mjs';
import { count, percent } from '../report/numbers.mjs';
import { table } from '../report/table.mjs';
import { medianOf, requireAllAccepted, takeTurns } from './cases.mjs';

const QUIET_TYPES = Array.from(
  { length: 20 },
  (_, n) => `quiet.type${String(n + 1).padStart(2, '0')}`,
);
const QUIET_PER_TYPE = 50;
const QUIET_CONNECTIONS = 64;
const FLOOD_TYPE = 'flood.type';
/** Against all the quiet types together, which is 1,000 times one of them. */
const FLOOD_FACTOR = 50;
const FLOOD_BATCH = 500;
const FLOOD_CONNECTIONS = 32;
const QUIET_PER_SECOND = QUIET_TYPES.length * QUIET_PER_TYPE;
const FLOOD_PER_SECOND = QUIET_PER_SECOND * FLOOD_FACTOR;
/** The flood begins before the quiet load and outlasts it. */
const FLOOD_MARGIN_MS = 1_000;

const bedOptions = {
  eventTypes: [...QUIET_TYPES, FLOOD_TYPE],
  writeKeys: { quiet: QUIET_TYPES, flood: [FLOOD_TYPE] },
};

/**
 * What a producer gone wild does to the others: the accept latency of twenty
 * quiet event types alone, beside one that floods, beside one that floods with
 * events that do not fit their schema, and beside a flood without bound.
 *
 * @param {import('./types').Context} context
 * @returns {Promise<import('./types').Outcome>}
 */
export async function run(context) {
  const { dir, runs, seconds } = context;
  const bed = await startBed(context, { ...bedOptions, dir });
  const results = await takeTurns(casesOf(bed), context);
  await bed.stop();
  const profile = context.profile
    ? await profiledRun(context, {
        bedOptions,
        titles: TITLES,
        casesOf: profiled => {
          const { flood, refused } = casesOf(profiled);
          return { flood, refused };
        },
      })
    : '';

  const p99 = name => medianOf(results[name], each => each.latencyMs.p99);
  const ratio = name => p99(name) / p99('quiet');
  const figures = {
    floodRatio: ratio('flood'),
    refusedRatio: ratio('refused'),
    unboundedRatio: ratio('unbounded'),
    quietP99Ms: p99('quiet'),
    floodP99Ms: p99('flood'),
    refusedP99Ms: p99('refused'),
    unboundedP99Ms: p99('unbounded'),
    floodSentPerSecond: medianOf(results.flood, sentPerSecond),
    floodAcceptedPerSecond: medianOf(
      results.flood,
      ({ flood }) => flood.accepted / flood.seconds,
    ),
    refusedSentPerSecond: medianOf(results.refused, sentPerSecond),
  };
  return {
    figures,
    bars: { floodRatio: { atMost: 2 }, refusedRatio: { atMost: 2 } },
    section: [
      `${
        QUIET_TYPES.length
      } quiet event types, ${QUIET_PER_TYPE} events/s each, one event per request, due by a Poisson schedule; latency counts from the moment a request was due. The flood is one more event type with a write key of its own, in batches of ${FLOOD_BATCH}: ${count(
        FLOOD_PER_SECOND,
      )} events/s, ${FLOOD_FACTOR} times all the quiet types together and ${count(
        FLOOD_PER_SECOND / QUIET_PER_TYPE,
      )} times one of them. "Misfitting" is the same flood with a text where the schema has a number, so that every event is refused. "Unbounded" is ${FLOOD_CONNECTIONS} connections that each send their next batch as soon as the last is answered: more than the machine can take, and outside the bars. No quiet event may be refused, delayed for good or lost. Medians of ${runs} runs of ${seconds} s.`,
      latencyTable(results, TITLES),
      floodTable(results),
      cpuTable(results, TITLES, {
        gateway: 'gateway',
        broker: 'broker',
        generator: "quiet types' generator",
      }),
      describeBeyond(figures),
      profile,
    ]
      .filter(Boolean)
      .join('\n\n'),
  };
}

const TITLES = {
  quiet: 'quiet types alone',
  flood: 'beside a flood',
  refused: 'beside a misfitting flood',
  unbounded: 'beside an unbounded flood',
};

function casesOf(bed) {
  const open = {
    kind: 'open',
    requestsPerSecond: FLOOD_PER_SECOND / FLOOD_BATCH,
    arrival: 'poisson',
  };
  return {
    quiet: beside(bed, undefined),
    flood: beside(bed, { mode: open }),
    refused: beside(bed, { mode: open, isMisfit: true }),
    unbounded: beside(bed, { mode: { kind: 'closed' } }),
  };
}

/** Measures the quiet types while the flood, if any, goes on. */
function beside(bed, floodLoad) {
  return async options => {
    const flooding = floodLoad && startFlood(bed, floodLoad, options);
    const quiet = await measure(
      {
        ...bed.target,
        writeKey: bed.keys.quiet,
        eventTypes: QUIET_TYPES,
        batchSize: 1,
        connections: QUIET_CONNECTIONS,
        mode: {
          kind: 'open',
          requestsPerSecond: QUIET_PER_SECOND,
          arrival: 'poisson',
        },
        ...options,
      },
      bed.pids,
    );
    const flood = await flooding;
    requireAllAccepted(quiet);
    const accepted = quiet.overall.accepted + (flood?.overall.accepted ?? 0);
    const { events } = await drain(
      bed.pubsub,
      bed.subscriptions.accepted,
      accepted,
    );
    if (events < accepted) {
      throw new Error(
        `Void: ${accepted} events were accepted, ${events} are on the broker`,
      );
    }
    const refused = flood?.overall.refused ?? 0;
    const kept = await drain(bed.pubsub, bed.subscriptions.refused, refused);
    if (kept.events < refused) {
      throw new Error(
        `Void: ${refused} events were answered as refused, ${kept.events} are kept`,
      );
    }
    return { ...quiet, flood };
  };
}

function startFlood(bed, load, { warmUpMs, durationMs, seed }) {
  return startLoad({
    ...bed.target,
    writeKey: bed.keys.flood,
    eventTypes: [FLOOD_TYPE],
    batchSize: FLOOD_BATCH,
    connections: FLOOD_CONNECTIONS,
    ...load,
    seed,
    warmUpMs: warmUpMs - FLOOD_MARGIN_MS,
    durationMs: durationMs + 2 * FLOOD_MARGIN_MS,
  });
}

const sentPerSecond = ({ flood }) =>
  (flood.requests * FLOOD_BATCH) / flood.seconds;

function floodTable(results) {
  return table(
    ['the flood', 'sent/s', 'accepted/s', 'refused/s', 'replies by status'],
    ['flood', 'refused', 'unbounded'].map(name => {
      const floods = results[name].map(({ flood }) => flood);
      const rate = key =>
        count(medianOf(floods, flood => flood[key] / flood.seconds));
      return [
        TITLES[name],
        count(medianOf(results[name], sentPerSecond)),
        rate('accepted'),
        rate('refused'),
        describeStatuses(floods),
      ];
    }),
  );
}

function describeStatuses(floods) {
  const totals = {};
  for (const { statuses, broken } of floods) {
    for (const [status, requests] of Object.entries({
      ...statuses,
      ...broken,
    })) {
      totals[status] = (totals[status] ?? 0) + requests;
    }
  }
  const all = Object.values(totals).reduce((sum, each) => sum + each, 0);
  return Object.entries(totals)
    .map(([status, requests]) => `${status}: ${percent(requests / all)}`)
    .join(', ');
}

function describeBeyond({
  unboundedRatio,
  floodSentPerSecond,
  floodAcceptedPerSecond,
}) {
  return `Of the bounded flood the gateway accepted ${percent(
    floodAcceptedPerSecond / floodSentPerSecond,
  )}. Beyond the capacity of the machine the p99 of the quiet types is ${unboundedRatio.toFixed(
    1,
  )} times the quiet figure; all of their events were still accepted.`;
}

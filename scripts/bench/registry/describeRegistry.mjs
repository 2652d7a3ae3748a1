import { count, ms } from '../report/numbers.mjs';
import { table } from '../report/table.mjs';
import { LIST_PATHS, LOOK_MS, PER_SECOND, TITLES } from './portalStages.mjs';
import { VERSIONS } from './prepareRegistry.mjs';

/** The section of the report. */
export function describeRegistry(all) {
  const {
    types,
    bed,
    results,
    cpu,
    reconcile,
    settled,
    snapshot,
    memory,
    profile,
  } = all;
  return [
    `${count(types)} event types with ${VERSIONS} versions each (${count(
      bed.filled.versions,
    )} in all), of 8 to 40 fields with nested records, lists, maps, enums and optional fields. Postgres, broker and portal share the machine with what asks; the portal is started from the entry and the settings of \`npm start\`, with the interval of the catalog from \`app-config.production.yaml\`. The registry was filled by its own code, one transaction per event type, each version judged against all before it; everything else goes over HTTP, signed in. Requests are due by a Poisson schedule (declarations evenly), and latency counts from then. List: \`GET ${
      LIST_PATHS[0]
    }\` and the same searched, narrowed and sorted in turn, ${count(
      results.list.bytes,
    )} bytes at most. Verdict: a schema that nobody has asked about before, for an event type with ${VERSIONS} versions. Declared → provisioned: from the registration until the page says so, which it does once topic and subscription exist and the generation with it is published; asked every ${LOOK_MS} ms.`,
    table(
      [
        'latency, ms',
        'requests/s',
        'requests',
        'p50',
        'p95',
        'p99',
        'max',
        'portal’s CPU for one',
        'generator late, p99',
      ],
      Object.entries(results).map(
        ([name, { requests, latencyMs, lagP99Ms, cpuMs }]) => [
          TITLES[name],
          String(PER_SECOND[name]),
          count(requests),
          ...['p50', 'p95', 'p99', 'max'].map(each => ms(latencyMs[each])),
          ms(cpuMs / requests),
          ms(lagP99Ms),
        ],
      ),
    ),
    `From an empty broker: ${reconcile.seconds.toFixed(
      1,
    )} s from the start of the portal until ${count(
      types,
    )} event types were provisioned, of which the portal took ${reconcile.bootSeconds.toFixed(
      1,
    )} s to answer at all. The broker was then asked whether all ${count(
      2 * types + 1,
    )} topics and as many subscriptions are there. The catalog went on taking in the entities for another ${settled.seconds.toFixed(
      0,
    )} s.`,
    table(
      ['cores busy', 'portal', 'broker'],
      Object.entries(cpu).map(([name, cores]) => [
        TITLES[name],
        cores.portal.toFixed(2),
        cores.broker.toFixed(2),
      ]),
    ),
    `The config snapshot has ${count(snapshot.bytes)} bytes as JSON and ${count(
      snapshot.stored,
    )} in the database. Resident memory afterwards: portal ${
      memory.portal
    } MiB, broker ${memory.broker} MiB.`,
    table(
      [
        'with that snapshot',
        'seconds to be ready',
        'resident MiB',
        'cores busy, idle',
      ],
      ['gateway', 'worker'].map(role => {
        const { why, seconds, mebibytes, cores } = snapshot[role];
        return why === undefined
          ? [role, seconds.toFixed(1), String(mebibytes), cores.toFixed(2)]
          : [role, why, '', ''];
      }),
    ),
    profile,
  ]
    .filter(Boolean)
    .join('\n\n');
}

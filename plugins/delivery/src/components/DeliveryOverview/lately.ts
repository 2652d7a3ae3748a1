import type {
  DeliveryOverviewRow,
  DeliveryStatus,
} from '@millrace/plugin-delivery-common';
import {
  type Stat,
  type StackedBarPart,
  formatCount,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';

function sumOf(
  rows: DeliveryOverviewRow[],
  count: (row: DeliveryOverviewRow) => number,
): number {
  return rows.reduce((sum, row) => sum + count(row), 0);
}

/** Whether there is anything to draw. */
export function hasEvents(rows: DeliveryOverviewRow[]): boolean {
  return rows.some(({ last24h, inFlight }) => last24h.accepted + inFlight > 0);
}

/** The numbers that carry the answer, of all event types together. */
export function statsOf(
  rows: DeliveryOverviewRow[],
  status: DeliveryStatus,
): Stat[] {
  const gateways = status.gateways.filter(({ alive }) => alive).length;
  const workers = status.workers.filter(({ alive }) => alive).length;
  return [
    {
      label: 'Accepted, 24 h',
      value: formatCount(sumOf(rows, ({ last24h }) => last24h.accepted)),
      note: `of ${formatCountOf(rows.length, 'event type')}`,
    },
    {
      label: 'Delivered, 24 h',
      value: formatCount(sumOf(rows, ({ last24h }) => last24h.delivered)),
    },
    {
      label: 'Refused at the gateway, 24 h',
      value: formatCount(
        sumOf(rows, ({ last24h }) => last24h.refusedAtGateway),
      ),
      note: 'kept, with the reason',
    },
    {
      label: 'In flight',
      value: formatCount(sumOf(rows, ({ inFlight }) => inFlight)),
    },
    {
      label: 'Alive',
      value: formatCountOf(gateways, 'gateway'),
      note: formatCountOf(workers, 'worker'),
    },
  ];
}

/** What became of what was accepted; the parts are the terms of a ledger line. */
export function fatesOf(rows: DeliveryOverviewRow[]): StackedBarPart[] {
  return [
    {
      label: 'delivered',
      value: sumOf(rows, ({ last24h }) => last24h.delivered),
      series: 1,
    },
    {
      label: 'duplicates removed',
      value: sumOf(rows, ({ last24h }) => last24h.duplicates),
      series: 4,
    },
    {
      label: 'refused at sealing',
      value: sumOf(rows, ({ last24h }) => last24h.refusedAtSealing),
      series: 3,
    },
    {
      label: 'in flight',
      value: sumOf(rows, ({ inFlight }) => inFlight),
      series: 2,
    },
  ];
}

/**
 * The events delivered of all types per bucket, oldest first. The newest bucket
 * is left out while event types are still being sealed in it: half a bar would
 * look like a fall.
 */
export function deliveredPerBucket(
  rows: DeliveryOverviewRow[],
): { at: string; end: string; value: number }[] {
  const buckets = new Map<
    string,
    { at: string; end: string; value: number; types: number }
  >();
  for (const { recent } of rows) {
    for (const { state, bucketStart, bucketEnd, delivered } of recent) {
      if (state === 'sealed') {
        const known = buckets.get(bucketStart);
        buckets.set(bucketStart, {
          at: bucketStart,
          end: bucketEnd,
          value: (known?.value ?? 0) + delivered,
          types: (known?.types ?? 0) + 1,
        });
      }
    }
  }
  const sorted = [...buckets.values()].sort((a, b) => (a.at < b.at ? -1 : 1));
  const [before, newest] = sorted.slice(-2);
  const isFilling = newest !== undefined && newest.types < before.types;
  return (isFilling ? sorted.slice(0, -1) : sorted).map(
    ({ at, end, value }) => ({ at, end, value }),
  );
}

/** What there is to see in the bars, in one sentence. */
export function describeDelivered(
  points: { value: number }[],
  word: string,
): string {
  const values = points.map(({ value }) => value);
  const newest = formatCount(values[values.length - 1]);
  const min = Math.min(...values);
  const max = Math.max(...values);
  return min === max
    ? `${formatCountOf(max, 'event')} in every ${word}.`
    : `Between ${formatCount(min)} and ${formatCountOf(
        max,
        'event',
      )} per ${word}, ${newest} in the newest.`;
}

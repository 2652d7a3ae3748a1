import type { LedgerQuery } from '@millrace/plugin-delivery-common';

/** The parts of the address bar that say how far one has zoomed in. */
const DAY_PARAM = 'day';
const HOUR_PARAM = 'hour';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** More rows than any zoom has but an hour of very short buckets, which pages. */
const MAX_ROWS = 200;

/** A day or an hour that is looked at; RFC 3339. */
export interface Zoom {
  unit: 'day' | 'hour';
  from: string;
  to: string;
}

/** What the address bar says; what it does not mean is as if it were not there. */
export function zoomOf(search: URLSearchParams): Zoom | undefined {
  const hour = search.get(HOUR_PARAM);
  if (hour && /^\d{4}-\d\d-\d\dT\d\d$/.test(hour)) {
    return spanOf('hour', `${hour}:00:00Z`, HOUR_MS);
  }
  const day = search.get(DAY_PARAM);
  return day && /^\d{4}-\d\d-\d\d$/.test(day)
    ? spanOf('day', `${day}T00:00:00Z`, DAY_MS)
    : undefined;
}

function spanOf(
  unit: Zoom['unit'],
  start: string,
  lengthMs: number,
): Zoom | undefined {
  const from = Date.parse(start);
  return Number.isNaN(from)
    ? undefined
    : {
        unit,
        from: new Date(from).toISOString(),
        to: new Date(from + lengthMs).toISOString(),
      };
}

/** The address of a day or an hour; without one, of the newest of all. */
export function zoomHref(
  search: URLSearchParams,
  zoom?: { unit: 'day' | 'hour'; start: string },
): string {
  const next = new URLSearchParams(search);
  next.delete(DAY_PARAM);
  next.delete(HOUR_PARAM);
  if (zoom?.unit === 'day') {
    next.set(DAY_PARAM, zoom.start.slice(0, 10));
  }
  if (zoom?.unit === 'hour') {
    next.set(HOUR_PARAM, zoom.start.slice(0, 13));
  }
  return `?${next}`;
}

/** The query for what a zoom shows. */
export function queryOf(
  zoom: Zoom | undefined,
  options: { bucketSeconds: number; now: Date },
): LedgerQuery {
  if (!zoom) {
    return {};
  }
  const { bucketSeconds, now } = options;
  const isOver = Date.parse(zoom.to) <= now.getTime();
  return {
    by: zoom.unit === 'hour' || bucketSeconds >= 3600 ? 'bucket' : 'hour',
    from: zoom.from,
    // Up to now has the bucket that is open.
    before: isOver ? zoom.to : undefined,
    limit: MAX_ROWS,
  };
}

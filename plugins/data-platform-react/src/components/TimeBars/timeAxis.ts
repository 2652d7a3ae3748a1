import { DateTime } from 'luxon';

const HOUR_MS = 60 * 60 * 1000;
/** Beyond this many hours a day is what people count in. */
const SHOWS_DAYS_AFTER_MS = 36 * HOUR_MS;

function utc(iso: string): DateTime {
  return DateTime.fromISO(iso, { zone: 'utc' });
}

/** How the times of an axis are written, by how much time it shows. */
export function axisFormat(isoTimes: string[]): (iso: string) => string {
  const first = isoTimes[0];
  const last = isoTimes[isoTimes.length - 1];
  const spanMs = first ? utc(last).toMillis() - utc(first).toMillis() : 0;
  const hasSeconds = isoTimes.some(iso => utc(iso).second !== 0);
  const format =
    spanMs > SHOWS_DAYS_AFTER_MS
      ? 'dd MMM'
      : (hasSeconds && 'HH:mm:ss') || 'HH:mm';
  return iso => utc(iso).setLocale('en').toFormat(format);
}

/** The days an axis shows: `2026-11-21, times in UTC`. */
export function describeDays(isoTimes: string[]): string {
  const [first, last] = [isoTimes[0], isoTimes[isoTimes.length - 1]].map(
    iso => iso && utc(iso).toFormat('yyyy-MM-dd'),
  );
  return first === last
    ? `${first}, times in UTC`
    : `${first} to ${last}, times in UTC`;
}

import { DateTime } from 'luxon';
import { formatDuration } from './durations';

/*
 * Partitions are keyed on UTC, so every time is printed in UTC and says so: two
 * people who look at the same page must read the same hour.
 */

function utc(iso: string): DateTime {
  return DateTime.fromISO(iso, { zone: 'utc' });
}

/**
 * The time of day, such as `10:52:04 UTC`.
 *
 * @public
 */
export function formatUtcTime(iso: string): string {
  return `${utc(iso).toFormat('HH:mm:ss')} UTC`;
}

/**
 * Day and time, such as `2026-11-21 10:52:04 UTC`.
 *
 * @public
 */
export function formatUtcDateTime(iso: string): string {
  return `${utc(iso).toFormat('yyyy-MM-dd HH:mm:ss')} UTC`;
}

/**
 * A bucket by its bounds, such as `2026-11-21 10:52–10:53 UTC`. Seconds appear
 * only where a bound is not on a full minute.
 *
 * @public
 */
export function formatBucket(start: string, end: string): string {
  const from = utc(start);
  const to = utc(end);
  const time = from.second || to.second ? 'HH:mm:ss' : 'HH:mm';
  return `${from.toFormat(`yyyy-MM-dd ${time}`)}–${to.toFormat(time)} UTC`;
}

/**
 * How long ago something was, such as `12 s ago`. Clocks of two machines
 * differ, so what seems to lie in the future is `just now`.
 *
 * @public
 */
export function formatAge(iso: string, now: Date): string {
  const ms = now.getTime() - utc(iso).toMillis();
  return ms < 1000 ? 'just now' : `${formatDuration(ms)} ago`;
}

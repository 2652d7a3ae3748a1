import {
  type Status,
  formatAge,
  formatCount,
  formatCountOf,
  formatDuration,
} from '@millrace/plugin-data-platform-react';
import type { WriteKey } from '@millrace/plugin-delivery-common';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Enough time to roll out another key before this one ends. */
const EXPIRES_SOON_MS = 7 * DAY_MS;

function msUntil(iso: string, now: Date): number {
  return Date.parse(iso) - now.getTime();
}

function expiresSoon({ state, expiresAt }: WriteKey, now: Date): boolean {
  return (
    state === 'live' &&
    expiresAt !== undefined &&
    msUntil(expiresAt, now) < EXPIRES_SOON_MS
  );
}

/** Whether a key works, in a word. */
export function keyState(
  key: WriteKey,
  now: Date,
): { status: Status; word: string } {
  if (key.state !== 'live') {
    return { status: 'off', word: key.state };
  }
  if (key.expiresAt === undefined) {
    return { status: 'good', word: 'live' };
  }
  const left = formatDuration(Math.max(0, msUntil(key.expiresAt, now)));
  return {
    status: expiresSoon(key, now) ? 'attention' : 'good',
    word: `live, ends in ${left}`,
  };
}

/** How many keys there are and which of them want a look, in one sentence. */
export function describeKeys(keys: WriteKey[], now: Date): string {
  const live = keys.filter(({ state }) => state === 'live');
  if (live.length === 0) {
    return 'No write key is live: nothing can send events with one';
  }
  const ending = live.filter(key => expiresSoon(key, now)).length;
  const unused = live.filter(({ use }) => !use.lastUsedAt).length;
  const remarks = [
    ending > 0 && `${formatCount(ending)} within 7 days of expiry`,
    unused > 0 && `${formatCount(unused)} never used`,
  ].filter(Boolean);
  return [`${formatCountOf(live.length, 'live write key')}`, ...remarks].join(
    ', ',
  );
}

/** When and how much a key was used, as a sentence. */
export function describeUse({ use }: WriteKey, now: Date): string {
  if (!use.lastUsedAt) {
    return 'It was never used.';
  }
  const refused =
    use.refusedRequests > 0
      ? `; ${formatCountOf(use.refusedRequests, 'request')} refused as a whole`
      : '';
  return `It was last used ${formatAge(use.lastUsedAt, now)}: ${formatCountOf(
    use.events,
    'event',
  )} in ${formatCountOf(use.requests, 'request')} so far${refused}.`;
}

/** The event types a key may send, in a few words. */
export function describeScope({ eventTypes }: WriteKey): string {
  if (!eventTypes) {
    return 'all event types';
  }
  const [first = 'none', ...others] = eventTypes;
  return others.length
    ? `${first} and ${formatCount(others.length)} more`
    : first;
}

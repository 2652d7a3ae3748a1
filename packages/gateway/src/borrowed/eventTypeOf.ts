import { parseEventTypeName } from '@millrace/schema';

/** The prefix of event types sent with a write key that has no producer. */
export const DEFAULT_PREFIX = 'app';

/**
 * The event type that a name chosen in another system stands for, or
 * `undefined` when there is none.
 *
 * One rule for all names: words in camel case are parted, letters become lower
 * case and lose their accents, dots stay, and everything between letters and
 * digits becomes `_`. `Order Completed`, `orderCompleted` and `order-completed`
 * are all `order_completed`.
 *
 * A name with letters of another alphabet has no event type: leaving them out
 * would make one event type of names that have nothing to do with each other.
 */
export function eventTypeOf(...names: string[]): string | undefined {
  const parts = names.join('.').split('.').map(wordsOf);
  if (parts.includes('')) {
    return undefined;
  }
  try {
    return parseEventTypeName(parts.join('.'));
  } catch {
    return undefined;
  }
}

/** Longer names have no event type anyway. */
const MAX_NAME_LENGTH = 200;

function wordsOf(name: string): string {
  if (name.length > MAX_NAME_LENGTH) {
    return '';
  }
  const letters = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
  return /[^a-z0-9\P{L}]|[^0-9\P{N}]/u.test(letters)
    ? ''
    : letters.replace(/[^a-z0-9]+/g, '_').replace(/^_|_$/g, '');
}

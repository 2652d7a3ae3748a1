import { LakeError } from '../errors';

const MAX_KEY_LENGTH = 900;
const MAX_SEGMENT_LENGTH = 200;

/**
 * What a segment may look like. It begins with a letter or digit, which rules
 * out `.`, `..`, hidden files and command-line options in one go; `=` is for
 * Hive-style folders.
 */
const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._=-]*$/;

/**
 * Splits a key into segments, or refuses it.
 *
 * Event type names reach storage paths, so keys are checked against a list of
 * what is allowed, never cleaned of what is not.
 *
 * @throws LakeError with code `invalid_key`
 */
export function parseKey(key: string): string[] {
  const segments = typeof key === 'string' ? key.split('/') : [];
  const isValid =
    segments.length > 0 &&
    key.length <= MAX_KEY_LENGTH &&
    segments.every(
      segment => segment.length <= MAX_SEGMENT_LENGTH && SEGMENT.test(segment),
    );
  if (!isValid) {
    throw new LakeError(
      'invalid_key',
      `A lake key is a relative path whose segments begin with a letter or digit and hold only letters, digits and '.', '_', '=', '-', for example 'shop.order_placed/dt=2026-11-21/hh=13/r0001/manifest.json'; got ${describe(
        key,
      )}`,
    );
  }
  return segments;
}

function describe(key: unknown): string {
  return typeof key === 'string'
    ? JSON.stringify(key.slice(0, 100))
    : typeof key;
}

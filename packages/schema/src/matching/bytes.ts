/*
 * Matching JSON on its bytes, without making a value of it.
 *
 * Each function looks at UTF-8 bytes known to be well-formed, begins at `at`,
 * and gives the position behind what it matched, or NO_MATCH. NO_MATCH says
 * "not certain", never "wrong": what is rare or needs care, such as a `\u`
 * escape or a number of many digits, is left to those who take their time.
 */

/** Not certain that the bytes are what is looked for. */
export const NO_MATCH = -1;

/** Matches one JSON value that begins at `at`. */
export type Match = (bytes: Uint8Array, at: number) => number;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;
const SPACE = 0x20;

/** A double holds every decimal number of so many digits. */
const MAX_DIGITS = 15;

/** The position of the first byte that is no JSON white space. */
export function skipSpace(bytes: Uint8Array, at: number): number {
  let i = at;
  while (i < bytes.length && isSpace(bytes[i])) {
    i += 1;
  }
  return i;
}

/** A text without `\u` escapes. */
export function matchText(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== QUOTE) {
    return NO_MATCH;
  }
  const { length } = bytes;
  for (let i = at + 1; i < length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      return i + 1;
    }
    if (byte < SPACE) {
      return NO_MATCH;
    }
    if (byte === BACKSLASH) {
      i += 1;
      if (i >= length || bytes[i] === LETTER_U || !isSimpleEscape(bytes[i])) {
        return NO_MATCH;
      }
    }
  }
  return NO_MATCH;
}

/** A text of printable ASCII without escapes, of 1 to `maxLength` characters. */
export function matchPlainText(
  bytes: Uint8Array,
  at: number,
  maxLength: number,
): number {
  if (bytes[at] !== QUOTE) {
    return NO_MATCH;
  }
  const last = Math.min(bytes.length, at + maxLength + 2);
  for (let i = at + 1; i < last; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      return i > at + 1 ? i + 1 : NO_MATCH;
    }
    if (byte < SPACE || byte >= 0x7f || byte === BACKSLASH) {
      return NO_MATCH;
    }
  }
  return NO_MATCH;
}

/** Exactly these bytes. */
export function matchBytes(
  bytes: Uint8Array,
  at: number,
  expected: Uint8Array,
): number {
  const end = at + expected.length;
  if (end > bytes.length) {
    return NO_MATCH;
  }
  for (let i = 0; i < expected.length; i++) {
    if (bytes[at + i] !== expected[i]) {
      return NO_MATCH;
    }
  }
  return end;
}

/** An integer of at most `maxDigits` digits. What follows is not looked at. */
export function matchInteger(
  bytes: Uint8Array,
  at: number,
  maxDigits: number = MAX_DIGITS,
): number {
  const first = bytes[at] === MINUS ? at + 1 : at;
  const end = skipDigits(bytes, first);
  const digits = end - first;
  const hasLeadingZero = digits > 1 && bytes[first] === ZERO;
  return digits === 0 || digits > maxDigits || hasLeadingZero ? NO_MATCH : end;
}

/** A number without exponent, of at most 15 digits. */
export function matchNumber(bytes: Uint8Array, at: number): number {
  const whole = matchInteger(bytes, at);
  if (whole === NO_MATCH || bytes[whole] !== DOT) {
    return whole;
  }
  const end = skipDigits(bytes, whole + 1);
  return end === whole + 1 || end - at > MAX_DIGITS + 1 ? NO_MATCH : end;
}

/** `"2026-01-31"`. */
export function matchDate(bytes: Uint8Array, at: number): number {
  const end = matchDay(bytes, at + 1);
  return bytes[at] === QUOTE && end !== NO_MATCH && bytes[end] === QUOTE
    ? end + 1
    : NO_MATCH;
}

/** `"2026-01-31T12:00:00.123Z"`, with an offset or `Z`. */
export function matchTimestamp(bytes: Uint8Array, at: number): number {
  const day = matchDay(bytes, at + 1);
  if (bytes[at] !== QUOTE || day === NO_MATCH || bytes[day] !== LETTER_T) {
    return NO_MATCH;
  }
  const minutes = matchClock(bytes, day + 1);
  if (minutes === NO_MATCH || bytes[minutes] !== COLON) {
    return NO_MATCH;
  }
  const seconds = twoDigits(bytes, minutes + 1);
  if (seconds < 0 || seconds > 59) {
    return NO_MATCH;
  }
  let end = minutes + 3;
  if (bytes[end] === DOT) {
    const fraction = end + 1;
    end = skipDigits(bytes, fraction);
    if (end === fraction || end - fraction > 9) {
      return NO_MATCH;
    }
  }
  if (bytes[end] === LETTER_Z) {
    end += 1;
  } else if (bytes[end] === PLUS || bytes[end] === MINUS) {
    end = matchClock(bytes, end + 1);
  } else {
    return NO_MATCH;
  }
  return end !== NO_MATCH && bytes[end] === QUOTE ? end + 1 : NO_MATCH;
}

/** `"123e4567-e89b-12d3-a456-426614174000"`, in either case. */
export function matchUuid(bytes: Uint8Array, at: number): number {
  const end = at + 38;
  if (end > bytes.length || bytes[at] !== QUOTE || bytes[end - 1] !== QUOTE) {
    return NO_MATCH;
  }
  for (let i = 0; i < 36; i++) {
    const byte = bytes[at + 1 + i];
    const isRight =
      i === 8 || i === 13 || i === 18 || i === 23
        ? byte === MINUS
        : isHexDigit(byte);
    if (!isRight) {
      return NO_MATCH;
    }
  }
  return end;
}

/**
 * A hash of bytes, to find them among others. Equal bytes have equal hashes;
 * the reverse has to be checked.
 */
export function hashBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) {
    hash = Math.imul(hash ^ bytes[i], 0x01000193);
  }
  return hash;
}

function isSpace(byte: number): boolean {
  return (
    byte <= SPACE &&
    (byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09)
  );
}

function isSimpleEscape(byte: number): boolean {
  switch (byte) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f: // solidus
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return true;
    default:
      return false;
  }
}

function skipDigits(bytes: Uint8Array, at: number): number {
  let i = at;
  while (i < bytes.length && bytes[i] >= ZERO && bytes[i] <= NINE) {
    i += 1;
  }
  return i;
}

/** -1 when there are not two digits. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - ZERO;
  const ones = bytes[at + 1] - ZERO;
  // Written so that a missing byte, NaN, is no digit.
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9
    ? tens * 10 + ones
    : -1;
}

/** A date that exists in any year from 1; the 29th of February is left out. */
function matchDay(bytes: Uint8Array, at: number): number {
  const year = twoDigits(bytes, at) * 100 + twoDigits(bytes, at + 2);
  const month = twoDigits(bytes, at + 5);
  const day = twoDigits(bytes, at + 8);
  const isRight =
    twoDigits(bytes, at) >= 0 &&
    twoDigits(bytes, at + 2) >= 0 &&
    year >= 1 &&
    bytes[at + 4] === MINUS &&
    month >= 1 &&
    month <= 12 &&
    bytes[at + 7] === MINUS &&
    day >= 1 &&
    day <= daysOf(month);
  return isRight ? at + 10 : NO_MATCH;
}

function daysOf(month: number): number {
  if (month === 2) {
    return 28;
  }
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Hours and minutes. */
function matchClock(bytes: Uint8Array, at: number): number {
  const hours = twoDigits(bytes, at);
  const minutes = twoDigits(bytes, at + 3);
  return hours >= 0 &&
    hours <= 23 &&
    bytes[at + 2] === COLON &&
    minutes >= 0 &&
    minutes <= 59
    ? at + 5
    : NO_MATCH;
}

function isHexDigit(byte: number): boolean {
  const lower = byte | 0x20;
  return (byte >= ZERO && byte <= NINE) || (lower >= 0x61 && lower <= 0x66);
}

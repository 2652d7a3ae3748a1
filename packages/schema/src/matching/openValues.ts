import {
  hashBytes,
  Match,
  matchBytes,
  matchNumber,
  matchText,
  NO_MATCH,
  skipSpace,
} from './bytes';

const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;
const COLON = 0x3a;
const QUOTE = 0x22;

const encoder = new TextEncoder();
const TRUE = encoder.encode('true');
const FALSE = encoder.encode('false');
const NULL = encoder.encode('null');
/** Names that change what a careless program copies them into. */
const FORBIDDEN_NAMES = ['__proto__', 'constructor'].map(name =>
  encoder.encode(`"${name}"`),
);

/** Names are compared with each other, so there must be few. */
const MAX_NAMES = 32;
/** Of a value of any shape; together with schema and envelope below 64. */
const MAX_DEPTH = 16;

export const matchNull: Match = (bytes, at) => matchBytes(bytes, at, NULL);

export const matchBoolean: Match = (bytes, at) =>
  matchBytes(bytes, at, bytes[at] === TRUE[0] ? TRUE : FALSE);

/** A list of what `match` matches. */
export function matchList(bytes: Uint8Array, at: number, match: Match): number {
  if (bytes[at] !== OPEN_LIST) {
    return NO_MATCH;
  }
  let i = skipSpace(bytes, at + 1);
  if (bytes[i] === CLOSE_LIST) {
    return i + 1;
  }
  for (;;) {
    i = match(bytes, i);
    if (i === NO_MATCH) {
      return NO_MATCH;
    }
    i = skipSpace(bytes, i);
    if (bytes[i] === CLOSE_LIST) {
      return i + 1;
    }
    if (bytes[i] !== COMMA) {
      return NO_MATCH;
    }
    i = skipSpace(bytes, i + 1);
  }
}

/** An object of few names, all different and harmless. */
export function matchObject(
  bytes: Uint8Array,
  at: number,
  match: Match,
): number {
  if (bytes[at] !== OPEN_OBJECT) {
    return NO_MATCH;
  }
  let i = skipSpace(bytes, at + 1);
  if (bytes[i] === CLOSE_OBJECT) {
    return i + 1;
  }
  const hashes: number[] = [];
  for (;;) {
    const end = matchText(bytes, i);
    if (end === NO_MATCH || !isNewName(bytes, i, end, hashes)) {
      return NO_MATCH;
    }
    i = skipSpace(bytes, end);
    if (bytes[i] !== COLON) {
      return NO_MATCH;
    }
    i = match(bytes, skipSpace(bytes, i + 1));
    if (i === NO_MATCH) {
      return NO_MATCH;
    }
    i = skipSpace(bytes, i);
    if (bytes[i] === CLOSE_OBJECT) {
      return i + 1;
    }
    if (bytes[i] !== COMMA) {
      return NO_MATCH;
    }
    i = skipSpace(bytes, i + 1);
  }
}

/** Any JSON of little depth. */
export const matchAny: Match = (bytes, at) => matchAnyWithin(bytes, at, 0);

function matchAnyWithin(bytes: Uint8Array, at: number, depth: number): number {
  switch (bytes[at]) {
    case QUOTE:
      return matchText(bytes, at);
    case OPEN_LIST:
    case OPEN_OBJECT: {
      if (depth === MAX_DEPTH) {
        return NO_MATCH;
      }
      const match: Match = (inner, from) =>
        matchAnyWithin(inner, from, depth + 1);
      return bytes[at] === OPEN_LIST
        ? matchList(bytes, at, match)
        : matchObject(bytes, at, match);
    }
    case NULL[0]:
      return matchNull(bytes, at);
    case TRUE[0]:
    case FALSE[0]:
      return matchBoolean(bytes, at);
    default:
      return matchNumber(bytes, at);
  }
}

/** Equal hashes are taken for equal names: not certain is not matched. */
function isNewName(
  bytes: Uint8Array,
  start: number,
  end: number,
  hashes: number[],
): boolean {
  const hash = hashBytes(bytes, start, end);
  if (hashes.length === MAX_NAMES || hashes.includes(hash)) {
    return false;
  }
  // An escape can spell any name, `"n"` and `"\/"` alike; none is needed.
  for (let i = start; i < end; i++) {
    if (bytes[i] === 0x5c) {
      return false;
    }
  }
  hashes.push(hash);
  return FORBIDDEN_NAMES.every(
    name =>
      name.length !== end - start ||
      matchBytes(bytes, start, name) === NO_MATCH,
  );
}

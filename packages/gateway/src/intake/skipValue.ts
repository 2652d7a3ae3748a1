import { jsonBytes } from '@millrace/schema';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * The position behind the JSON value that begins at `at`, or NO_MATCH when it
 * does not end. Works without recursion, so a depth bomb costs no more than any
 * other text of its size. Does not check that it is JSON: only if it is, the
 * position means something.
 */
export function skipValue(bytes: Buffer, at: number): number {
  let depth = 0;
  for (let i = at; i < bytes.length; i++) {
    switch (bytes[i]) {
      case QUOTE:
        i = endOfText(bytes, i);
        if (i === jsonBytes.NO_MATCH) {
          return jsonBytes.NO_MATCH;
        }
        if (depth === 0) {
          return i + 1;
        }
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        depth += 1;
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth -= 1;
        if (depth <= 0) {
          // Below 0: a scalar, and the bracket around it.
          return depth === 0 ? i + 1 : i;
        }
        break;
      case COMMA:
        if (depth === 0) {
          return i;
        }
        break;
      default:
    }
  }
  return depth === 0 && bytes.length > at ? bytes.length : jsonBytes.NO_MATCH;
}

/**
 * How much there is to a JSON text: how deep it nests, 0 for a scalar, 1 for a
 * flat object or list; and how many names its objects have together.
 */
export function measureJson(
  bytes: Buffer,
  start: number,
  end: number,
): { depth: number; names: number } {
  let open = 0;
  let depth = 0;
  let names = 0;
  for (let i = start; i < end; i++) {
    switch (bytes[i]) {
      case QUOTE:
        i = endOfText(bytes, i);
        if (i === jsonBytes.NO_MATCH) {
          return { depth, names };
        }
        break;
      case COLON:
        names += 1;
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        open += 1;
        if (open > depth) {
          depth = open;
        }
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        open -= 1;
        break;
      default:
    }
  }
  return { depth, names };
}

/** The position of the quote that ends the text beginning at `open`. */
export function endOfText(bytes: Buffer, open: number): number {
  let close = bytes.indexOf(QUOTE, open + 1);
  while (close !== -1) {
    let before = close - 1;
    while (bytes[before] === BACKSLASH) {
      before -= 1;
    }
    // An even number of backslashes escapes only each other.
    if ((close - before) % 2 === 1) {
      return close;
    }
    close = bytes.indexOf(QUOTE, close + 1);
  }
  return jsonBytes.NO_MATCH;
}

/** Where one event lies in a body, and how deep it is nested. */
export interface JsonExtent {
  start: number;
  /** First byte after it. */
  end: number;
  /** 0 for a scalar, 1 for a flat object or list. */
  depth: number;
}

/** All white space of JSON is at or below it, and nothing else outside texts. */
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Finds the extents of the elements of a JSON list, or of the whole text if it
 * is no list. Works on bytes and without recursion, so a depth bomb costs no
 * more than any other text of its size.
 *
 * The text must be known to be JSON; for other text the extents mean nothing.
 */
export function scanJson(json: Buffer): JsonExtent[] {
  const first = skipSpace(json, 0);
  const isList = json[first] === OPEN_LIST;
  const base = isList ? 1 : 0;
  const extents: JsonExtent[] = [];
  let start = isList ? first + 1 : first;
  let depth = 0;
  let deepest = 0;

  const finish = (end: number) => {
    const begin = skipSpace(json, start);
    let last = end;
    while (last > begin && json[last - 1] <= SPACE) {
      last -= 1;
    }
    if (begin < last) {
      extents.push({
        start: begin,
        end: last,
        depth: Math.max(0, deepest - base),
      });
    }
    start = end + 1;
    deepest = base;
  };

  for (let at = first; at < json.length; at++) {
    switch (json[at]) {
      case QUOTE:
        at = endOfText(json, at);
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        depth += 1;
        if (depth > deepest) {
          deepest = depth;
        }
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth -= 1;
        if (isList && depth === 0) {
          finish(at);
          return extents;
        }
        break;
      case COMMA:
        if (isList && depth === 1) {
          finish(at);
        }
        break;
      default:
    }
  }
  finish(json.length);
  return extents;
}

/** The position of the quote that ends the text beginning at `open`. */
function endOfText(json: Buffer, open: number): number {
  let close = json.indexOf(QUOTE, open + 1);
  while (close !== -1) {
    let before = close - 1;
    while (json[before] === BACKSLASH) {
      before -= 1;
    }
    // An even number of backslashes escapes only each other.
    if ((close - before) % 2 === 1) {
      return close;
    }
    close = json.indexOf(QUOTE, close + 1);
  }
  return json.length;
}

function skipSpace(json: Buffer, from: number): number {
  let at = from;
  while (at < json.length && json[at] <= SPACE) {
    at += 1;
  }
  return at;
}

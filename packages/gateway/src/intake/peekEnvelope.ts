import { jsonBytes } from '@millrace/schema';
import { EventText } from './eventText';
import { endOfText, skipValue } from './skipValue';

const { matchPlainText, NO_MATCH, skipSpace } = jsonBytes;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
/** Longer texts describe nothing. */
const MAX_TEXT = 1024;
const WANTED = new Set(['id', 'source', 'type']);

/**
 * Reads what names an event from the surface of one that is too large or too
 * deep to be parsed, so that its owner finds it.
 */
export function peekEnvelope({
  bytes,
  start,
  end,
}: EventText): Record<string, string> {
  const found: Record<string, string> = {};
  let at = bytes[start] === OPEN_OBJECT ? skipSpace(bytes, start + 1) : end;
  while (at < end && bytes[at] === QUOTE) {
    const nameEnd = endOfText(bytes, at);
    if (nameEnd === NO_MATCH) {
      break;
    }
    const name = bytes.toString('utf8', at + 1, nameEnd);
    const colon = skipSpace(bytes, nameEnd + 1);
    if (bytes[colon] !== COLON) {
      break;
    }
    const value = skipSpace(bytes, colon + 1);
    const text = matchPlainText(bytes, value, MAX_TEXT);
    if (WANTED.has(name) && text !== NO_MATCH) {
      found[name] = bytes.toString('latin1', value + 1, text - 1);
    }
    const valueEnd = skipValue(bytes, value);
    at = valueEnd === NO_MATCH ? end : skipSpace(bytes, valueEnd);
    at = bytes[at] === COMMA ? skipSpace(bytes, at + 1) : end;
  }
  return found;
}

import { jsonBytes } from '@millrace/schema';
import { EventReason } from '../errors';
import { endOfText } from './skipValue';
import { isWellFormed } from './unicode';

/** Why a JSON text is dangerous to those who read it later. */
export interface Hazard {
  reason: EventReason;
  /** RFC 6901 pointer to the value that holds it. */
  pointer: string;
  message: string;
}

interface Frame {
  isObject: boolean;
  /** Names of an object so far. */
  names: Set<string>;
  /** Of the member being read. */
  name: string;
  /** Of the element being read. */
  index: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const MAX_POINTER_LENGTH = 500;
/** More digits than a double keeps. */
const MAX_DIGITS = 17;

/**
 * Looks for what is legal JSON and yet is read differently by different
 * readers, or breaks them:
 *
 * - a name twice in one object: which of the values counts?
 * - names that change the prototype of an object into which a careless program
 *   copies them (`__proto__`, and `prototype` inside `constructor`);
 * - half a surrogate pair, which has no UTF-8 form;
 * - a number that a double cannot hold: it would be stored as another one.
 *
 * Walks the bytes once, without recursion. The text must be known to be JSON.
 */
export function inspectJson(
  bytes: Buffer,
  start: number,
  end: number,
): Hazard | undefined {
  const frames: Frame[] = [];
  let isName = false;

  const hazard = (
    reason: EventReason,
    message: string,
    inside: Frame[] = frames,
  ): Hazard => ({ reason, message, pointer: pointerTo(inside) });

  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    const frame = frames[frames.length - 1];
    switch (byte) {
      case QUOTE: {
        const close = endOfText(bytes, i);
        const isEscaped = hasEscape(bytes, i, close);
        const value =
          isName || isEscaped ? textAt(bytes, i, close, isEscaped) : undefined;
        // Half a surrogate pair can only be written as an escape.
        if (isEscaped && value !== undefined && !isWellFormed(value)) {
          return isName
            ? hazard(
                'invalid_text',
                'The object at this place has a name that is not well-formed Unicode',
                frames.slice(0, -1),
              )
            : hazard(
                'invalid_text',
                'The text at this place is not well-formed Unicode',
              );
        }
        if (isName && value !== undefined) {
          isName = false;
          const isRepeated = frame.names.has(value);
          if (isRepeated || isForbidden(value, frames)) {
            return hazard(
              isRepeated ? 'duplicate_name' : 'forbidden_name',
              isRepeated
                ? 'The object at this place has a name twice'
                : 'The object at this place has a name that is not allowed',
              // `prototype` is a fault of the object that holds `constructor`.
              frames.slice(0, value === 'prototype' ? -2 : -1),
            );
          }
          frame.names.add(value);
          frame.name = value;
        }
        i = close;
        break;
      }
      case OPEN_OBJECT:
      case OPEN_LIST:
        isName = byte === OPEN_OBJECT;
        frames.push({
          isObject: isName,
          names: new Set(),
          name: '',
          index: 0,
        });
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        isName = false;
        frames.pop();
        break;
      case COMMA:
        if (frame) {
          isName = frame.isObject;
          frame.index += 1;
        }
        break;
      case COLON:
        break;
      default: {
        const stop = endOfScalar(bytes, i, end);
        const isNumber = byte === MINUS || (byte >= 0x30 && byte <= 0x39);
        if (
          isNumber &&
          jsonBytes.matchNumber(bytes, i) !== stop &&
          losesDigits(bytes.toString('latin1', i, stop))
        ) {
          return hazard(
            'number_out_of_range',
            'The number at this place cannot be kept exactly; send it as text',
          );
        }
        i = Math.max(i, stop - 1);
      }
    }
  }
  return undefined;
}

/** `__proto__` anywhere, and `prototype` in an object called `constructor`. */
function isForbidden(name: string, frames: Frame[]): boolean {
  return (
    name === '__proto__' ||
    (name === 'prototype' &&
      frames.length > 1 &&
      frames[frames.length - 2].isObject &&
      frames[frames.length - 2].name === 'constructor')
  );
}

/**
 * Whether the number, as a double, is another one: beyond the range, an integer
 * between two doubles, or a fraction of more digits than a double keeps.
 */
function losesDigits(text: string): boolean {
  const value = Number(text);
  if (!Number.isFinite(value)) {
    return true;
  }
  if (/^-?\d+$/.test(text)) {
    return BigInt(text) !== BigInt(value);
  }
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '')
    .replace(/0+$/, '');
  return digits.length > MAX_DIGITS || (value === 0 && digits !== '');
}

function endOfScalar(bytes: Buffer, at: number, end: number): number {
  let i = at;
  // Letters, digits, signs and dots; neither space nor punctuation of JSON.
  while (
    i < end &&
    bytes[i] > 0x20 &&
    bytes[i] !== COMMA &&
    bytes[i] !== CLOSE_LIST &&
    bytes[i] !== CLOSE_OBJECT
  ) {
    i += 1;
  }
  return i;
}

function hasEscape(bytes: Buffer, open: number, close: number): boolean {
  for (let i = open + 1; i < close; i++) {
    if (bytes[i] === BACKSLASH) {
      return true;
    }
  }
  return false;
}

function textAt(
  bytes: Buffer,
  open: number,
  close: number,
  isEscaped: boolean,
): string {
  return isEscaped
    ? JSON.parse(bytes.toString('utf8', open, close + 1))
    : bytes.toString('utf8', open + 1, close);
}

/** Where the walk is. The sender chose the names: the unfit are left out. */
function pointerTo(frames: Frame[]): string {
  let pointer = '';
  for (const { isObject, name, index } of frames) {
    const step = isObject ? name : String(index);
    const isShowable =
      pointer.length + step.length < MAX_POINTER_LENGTH &&
      !/[\p{C}\p{Zl}\p{Zp}]/u.test(step);
    if (!isShowable) {
      return pointer;
    }
    pointer += `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  }
  return pointer;
}

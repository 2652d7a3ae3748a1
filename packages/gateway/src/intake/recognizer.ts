import { compileMatcher, EventMatcher, jsonBytes } from '@millrace/schema';
import { AcceptedEventType, GatewaySnapshot } from '../snapshot';
import {
  MAX_ID_LENGTH,
  MAX_NAME_LENGTH,
  MAX_SOURCE_LENGTH,
} from './parseEnvelope';
import { skipValue } from './skipValue';

const {
  matchBytes,
  matchInteger,
  matchPlainText,
  matchText,
  matchTimestamp,
  NO_MATCH,
  skipSpace,
} = jsonBytes;

const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const QUOTE = 0x22;

const SPECVERSION = 0;
const ID = 1;
const SOURCE = 2;
const TYPE = 3;
const TIME = 4;
const PRODUCER = 5;
const EPOCH = 6;
const SEQUENCE = 7;
const CONTENT_TYPE = 8;
const DATA = 9;
const NAMES = [
  'specversion',
  'id',
  'source',
  'type',
  'time',
  'producer',
  'epoch',
  'sequence',
  'datacontenttype',
  'data',
].map(name => Buffer.from(`"${name}"`));
const REQUIRED =
  (1 << SPECVERSION) | (1 << ID) | (1 << SOURCE) | (1 << TYPE) | (1 << DATA);

const VERSION_VALUE = Buffer.from('"1.0"');
const CONTENT_TYPE_VALUE = Buffer.from('"application/json"');
/** Extension attributes an event may have here; more are left to others. */
const MAX_EXTENSIONS = 8;
const MAX_EXTENSION_NAME = 64;

/**
 * Recognises, on their bytes, events that are certainly acceptable: nearly all
 * of them, at a tenth of what parsing costs. It never says that an event is
 * wrong; `judgeEvent` does, and explains.
 *
 * Guarantee: what is recognised, `judgeEvent` accepts for the same event type.
 *
 * Events of one sender look alike. So the attribute that came behind another
 * one last time is tried first, and the event type of the event before.
 */
export class Recognizer {
  /** The event type of what was recognised last. */
  eventType: AcceptedEventType | undefined;

  private readonly matchers = new WeakMap<AcceptedEventType, EventMatcher>();
  private readonly follower = new Int32Array(NAMES.length + 1).map(
    (_, index) => index,
  );
  private snapshot: GatewaySnapshot | undefined;
  private typeText: Buffer = Buffer.alloc(0);
  private matchData: EventMatcher | undefined;

  /**
   * The position behind the event that begins at `at`, or NO_MATCH. The bytes
   * must be well-formed UTF-8.
   */
  match(
    bytes: Buffer,
    at: number,
    snapshot: GatewaySnapshot,
    allowed: readonly string[] | undefined,
  ): number {
    if (this.snapshot !== snapshot) {
      this.snapshot = snapshot;
      this.forgetType();
    }
    if (bytes[at] !== OPEN_OBJECT) {
      return NO_MATCH;
    }
    const end = this.matchAttributes(bytes, skipSpace(bytes, at + 1));
    const type = this.eventType;
    return end === NO_MATCH ||
      !type ||
      (allowed !== undefined && !allowed.includes(type.name))
      ? NO_MATCH
      : end;
  }

  private matchAttributes(bytes: Buffer, from: number): number {
    let i = from;
    let seen = 0;
    let previous = 0;
    let extensions: string[] | undefined;
    let dataStart = NO_MATCH;
    let dataEnd = NO_MATCH;
    let isDataMatched = false;
    for (;;) {
      let attribute = this.follower[previous];
      let end =
        attribute < NAMES.length
          ? matchBytes(bytes, i, NAMES[attribute])
          : NO_MATCH;
      if (end === NO_MATCH) {
        attribute = findAttribute(bytes, i);
        if (attribute === NO_MATCH) {
          extensions ??= [];
          end = matchExtensionName(bytes, i, extensions);
          if (end === NO_MATCH) {
            return NO_MATCH;
          }
        } else {
          end = i + NAMES[attribute].length;
          this.follower[previous] = attribute;
        }
      }

      i = skipSpace(bytes, end);
      if (bytes[i] !== COLON) {
        return NO_MATCH;
      }
      i = skipSpace(bytes, i + 1);
      if (attribute === NO_MATCH) {
        i = matchScalar(bytes, i);
      } else {
        previous = attribute + 1;
        if ((seen & (1 << attribute)) !== 0) {
          return NO_MATCH;
        }
        seen |= 1 << attribute;
        if (attribute === DATA) {
          dataStart = i;
          // The type may come later; then the data is looked at in the end.
          isDataMatched = (seen & (1 << TYPE)) !== 0;
          i = isDataMatched ? this.matchDataAt(bytes, i) : skipValue(bytes, i);
          dataEnd = i;
        } else {
          i = this.matchAttribute(attribute, bytes, i);
        }
      }
      if (i === NO_MATCH) {
        return NO_MATCH;
      }

      i = skipSpace(bytes, i);
      if (bytes[i] === CLOSE_OBJECT) {
        const isComplete =
          (seen & REQUIRED) === REQUIRED &&
          (isDataMatched || this.matchDataAt(bytes, dataStart) === dataEnd);
        return isComplete ? i + 1 : NO_MATCH;
      }
      if (bytes[i] !== COMMA) {
        return NO_MATCH;
      }
      i = skipSpace(bytes, i + 1);
    }
  }

  private matchAttribute(attribute: number, bytes: Buffer, at: number): number {
    switch (attribute) {
      case SPECVERSION:
        return matchBytes(bytes, at, VERSION_VALUE);
      case ID:
        return matchPlainText(bytes, at, MAX_ID_LENGTH);
      case SOURCE:
        return matchPlainText(bytes, at, MAX_SOURCE_LENGTH);
      case TYPE:
        return this.matchType(bytes, at);
      case TIME:
        return matchTimestamp(bytes, at);
      case PRODUCER:
      case EPOCH:
        return matchPlainText(bytes, at, MAX_NAME_LENGTH);
      case SEQUENCE:
        return matchInteger(bytes, at) > 0 && bytes[at] !== 0x2d
          ? matchInteger(bytes, at)
          : NO_MATCH;
      case CONTENT_TYPE:
        return matchBytes(bytes, at, CONTENT_TYPE_VALUE);
      default:
        return NO_MATCH;
    }
  }

  private matchType(bytes: Buffer, at: number): number {
    const again = matchBytes(bytes, at, this.typeText);
    if (again > at) {
      return again;
    }
    const end = matchPlainText(bytes, at, MAX_NAME_LENGTH);
    if (end === NO_MATCH) {
      return NO_MATCH;
    }
    const name = bytes.toString('latin1', at + 1, end - 1);
    const eventType = this.snapshot?.eventTypes.get(name);
    if (!eventType) {
      return NO_MATCH;
    }
    this.eventType = eventType;
    this.typeText = Buffer.from(bytes.subarray(at, end));
    this.matchData = this.matcherOf(eventType);
    return end;
  }

  private matchDataAt(bytes: Buffer, at: number): number {
    return this.matchData ? this.matchData(bytes, at) : NO_MATCH;
  }

  private matcherOf(eventType: AcceptedEventType): EventMatcher {
    let matcher = this.matchers.get(eventType);
    if (!matcher) {
      matcher = compileMatcher(eventType.schema);
      this.matchers.set(eventType, matcher);
    }
    return matcher;
  }

  private forgetType(): void {
    this.eventType = undefined;
    this.typeText = Buffer.alloc(0);
    this.matchData = undefined;
  }
}

function findAttribute(bytes: Buffer, at: number): number {
  for (let i = 0; i < NAMES.length; i++) {
    if (matchBytes(bytes, at, NAMES[i]) !== NO_MATCH) {
      return i;
    }
  }
  return NO_MATCH;
}

/** CloudEvents allows lower case letters and digits, each name once. */
function matchExtensionName(
  bytes: Buffer,
  at: number,
  known: string[],
): number {
  const end = matchPlainText(bytes, at, MAX_EXTENSION_NAME);
  if (end === NO_MATCH || known.length === MAX_EXTENSIONS) {
    return NO_MATCH;
  }
  const name = bytes.toString('latin1', at + 1, end - 1);
  const isAllowed = /^[a-z0-9]+$/.test(name) && !known.includes(name);
  known.push(name);
  return isAllowed ? end : NO_MATCH;
}

function matchScalar(bytes: Buffer, at: number): number {
  return bytes[at] === QUOTE ? matchText(bytes, at) : matchInteger(bytes, at);
}

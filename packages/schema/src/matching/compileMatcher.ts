import { FieldModel, modelOf, RecordModel, TypeModel } from '../avro/model';
import { EventSchema } from '../avro/types';
import {
  hashBytes,
  Match,
  matchBytes,
  matchDate,
  matchInteger,
  matchNumber,
  matchText,
  matchTimestamp,
  matchUuid,
  NO_MATCH,
  skipSpace,
} from './bytes';
import {
  matchAny,
  matchBoolean,
  matchList,
  matchNull,
  matchObject,
} from './openValues';

/**
 * Recognises data of an event type on its bytes: given well-formed UTF-8 and
 * the position of a JSON value, gives the position behind it when it certainly
 * fits the schema, and -1 when that is not certain. Then `compileValidator`
 * decides, and explains.
 *
 * Guarantee: what is recognised, `JSON.parse` reads and the validator accepts;
 * no object in it has two fields of one name, no number loses digits, no name
 * changes a prototype.
 *
 * @public
 */
export type EventMatcher = (bytes: Uint8Array, at: number) => number;

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;
const COLON = 0x3a;
const LETTER_N = 0x6e;
/** Every integer of so many digits is an int. */
const INT_DIGITS = 9;

const encoder = new TextEncoder();

/**
 * Compiles the matcher of a schema. Cheap: no code is generated.
 *
 * @public
 */
export function compileMatcher(schema: EventSchema): EventMatcher {
  return matcherOfRecord(modelOf(schema), new Map());
}

const SCALARS: Record<string, Match> = {
  boolean: matchBoolean,
  int: (bytes, at) => matchInteger(bytes, at, INT_DIGITS),
  long: matchInteger,
  float: matchNumber,
  double: matchNumber,
  string: matchText,
  timestamp: matchTimestamp,
  date: matchDate,
  uuid: matchUuid,
  json: matchAny,
};

function matcherOf(
  type: TypeModel,
  isOptional: boolean,
  records: Map<string, Match>,
): Match {
  const match = matcherOfPresent(type, records);
  return isOptional
    ? (bytes, at) =>
        bytes[at] === LETTER_N ? matchNull(bytes, at) : match(bytes, at)
    : match;
}

function matcherOfPresent(type: TypeModel, records: Map<string, Match>): Match {
  switch (type.kind) {
    case 'record':
      return matcherOfRecord(type, records);
    case 'enum':
      return matcherOfEnum(type.symbols);
    case 'array':
    case 'map': {
      const match = matcherOf(type.values, type.valuesOptional, records);
      return type.kind === 'array'
        ? (bytes, at) => matchList(bytes, at, match)
        : (bytes, at) => matchObject(bytes, at, match);
    }
    default:
      return SCALARS[type.kind];
  }
}

function matcherOfEnum(symbols: readonly string[]): Match {
  const texts = symbols.map(symbol => encoder.encode(JSON.stringify(symbol)));
  let last = 0;
  return (bytes, at) => {
    const again = matchBytes(bytes, at, texts[last]);
    if (again !== NO_MATCH) {
      return again;
    }
    for (let i = 0; i < texts.length; i++) {
      const end = matchBytes(bytes, at, texts[i]);
      if (end !== NO_MATCH) {
        last = i;
        return end;
      }
    }
    return NO_MATCH;
  };
}

/** Which fields the objects at hand have shown; a stack, as objects nest. */
let seen = new Int32Array(1024);
let seenTop = 0;

/**
 * Events of one producer have their fields in one order. So the field that came
 * behind a field last time is tried first, and only if it is another, its name
 * is looked up.
 */
class RecordMatcher {
  private readonly names: Uint8Array[];
  private readonly matches: Match[] = [];
  private readonly byHash = new Map<number, number>();
  private readonly required: Int32Array;
  /** By position of a field plus one, 0 for the start: what came next. */
  private readonly follower: Int32Array;

  constructor(fields: readonly FieldModel[]) {
    this.names = fields.map(({ jsonName }) =>
      encoder.encode(JSON.stringify(jsonName)),
    );
    this.required = new Int32Array(Math.ceil(fields.length / 32));
    this.follower = new Int32Array(fields.length + 1);
    fields.forEach(({ required }, index) => {
      this.follower[index] = index;
      if (required) {
        this.required[index >> 5] |= 1 << (index & 31);
      }
      // Of names with one hash only the last is found, the others are
      // "not certain".
      const name = this.names[index];
      this.byHash.set(hashBytes(name, 0, name.length), index);
    });
  }

  addMatch(match: Match): void {
    this.matches.push(match);
  }

  match(bytes: Uint8Array, at: number): number {
    const bottom = seenTop;
    const words = this.required.length;
    if (bottom + words > seen.length) {
      const larger = new Int32Array(2 * seen.length + words);
      larger.set(seen);
      seen = larger;
    }
    seenTop = bottom + words;
    seen.fill(0, bottom, seenTop);
    const end = this.matchFields(bytes, at, bottom);
    seenTop = bottom;
    return end;
  }

  private matchFields(bytes: Uint8Array, at: number, bottom: number): number {
    if (bytes[at] !== OPEN_OBJECT) {
      return NO_MATCH;
    }
    let i = skipSpace(bytes, at + 1);
    if (bytes[i] === CLOSE_OBJECT) {
      return this.isComplete(bottom) ? i + 1 : NO_MATCH;
    }
    let previous = 0;
    for (;;) {
      let field = this.follower[previous];
      let end =
        field < this.names.length
          ? matchBytes(bytes, i, this.names[field])
          : NO_MATCH;
      if (end === NO_MATCH) {
        field = this.find(bytes, i);
        if (field === NO_MATCH) {
          return NO_MATCH;
        }
        end = i + this.names[field].length;
        this.follower[previous] = field;
      }
      previous = field + 1;

      const word = bottom + (field >> 5);
      const bit = 1 << (field & 31);
      if ((seen[word] & bit) !== 0) {
        return NO_MATCH;
      }
      seen[word] |= bit;

      i = skipSpace(bytes, end);
      if (bytes[i] !== COLON) {
        return NO_MATCH;
      }
      i = this.matches[field](bytes, skipSpace(bytes, i + 1));
      if (i === NO_MATCH) {
        return NO_MATCH;
      }
      i = skipSpace(bytes, i);
      if (bytes[i] === CLOSE_OBJECT) {
        return this.isComplete(bottom) ? i + 1 : NO_MATCH;
      }
      if (bytes[i] !== COMMA) {
        return NO_MATCH;
      }
      i = skipSpace(bytes, i + 1);
    }
  }

  private find(bytes: Uint8Array, at: number): number {
    const end = matchText(bytes, at);
    if (end === NO_MATCH) {
      return NO_MATCH;
    }
    const field = this.byHash.get(hashBytes(bytes, at, end));
    return field !== undefined &&
      matchBytes(bytes, at, this.names[field]) === end
      ? field
      : NO_MATCH;
  }

  private isComplete(bottom: number): boolean {
    for (let i = 0; i < this.required.length; i++) {
      if ((this.required[i] & ~seen[bottom + i]) !== 0) {
        return false;
      }
    }
    return true;
  }
}

function matcherOfRecord(
  model: RecordModel,
  records: Map<string, Match>,
): Match {
  const known = records.get(model.name);
  if (known) {
    return known;
  }
  const isHarmless = model.fields.every(
    ({ jsonName }) => jsonName !== '__proto__' && jsonName !== 'constructor',
  );
  const record = new RecordMatcher(model.fields);
  const match: Match = isHarmless
    ? (bytes, at) => record.match(bytes, at)
    : () => NO_MATCH;
  records.set(model.name, match);
  for (const { type, required } of model.fields) {
    record.addMatch(matcherOf(type, !required, records));
  }
  return match;
}

import { FieldModel, modelOf, RecordModel, TypeModel } from '../avro/model';
import { AvroField, EventSchema } from '../avro/types';
import { appendPointer, isObject } from '../json/pointer';
import { typeText } from '../mapping/summarizeFields';
import { FieldNotes, fieldNotesOf } from './fieldNotes';
import { typeChangeOf } from './typeChange';
import { DifferenceCode, RuleCode, SchemaDifference } from './types';

const DATA_POINTER = '/data';

/** Attributes of a field with a difference code, or a meaning, of their own. */
const NO_ANNOTATIONS = new Set([
  'name',
  'type',
  'doc',
  'default',
  'jsonName',
  'semanticType',
]);

/** Where two schemas are being compared, and what was found so far. */
interface Comparison {
  oldNotes: FieldNotes;
  newNotes: FieldNotes;
  found: SchemaDifference[];
}

/** One place in both schemas. */
interface Place {
  pointer: string;
  path: string;
}

/**
 * Lists everything in which `next` differs from `previous`, in the order of
 * `previous`, a record before what is inside it; what `next` adds to a record
 * comes after the rest of that record.
 *
 * Fields are matched by JSON name. Takes time in proportion to the fields of
 * both schemas, counted as often as they appear in an event, and ends: a schema
 * that refers to itself is never parsed.
 *
 * @public
 */
export function diffSchemas(
  previous: EventSchema,
  next: EventSchema,
): SchemaDifference[] {
  const comparison: Comparison = {
    oldNotes: fieldNotesOf(previous),
    newNotes: fieldNotesOf(next),
    found: [],
  };
  const root = { pointer: DATA_POINTER, path: '' };
  diffRecords(comparison, modelOf(previous), modelOf(next), root);
  if (
    comparison.found.length === 0 &&
    JSON.stringify(previous.avro) !== JSON.stringify(next.avro) &&
    canonical(previous) !== canonical(next)
  ) {
    report(comparison, root, 'definition_changed', [], {
      message:
        'The order of fields, or the name or description of a record or enum changed; events and columns stay what they were',
    });
  }
  return comparison.found;
}

/** Two schemas with the same meaning are the same, whatever their key order. */
function canonical({ avro }: EventSchema): string {
  return JSON.stringify(avro, (_key, value) =>
    isObject(value)
      ? Object.fromEntries(
          Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : value,
  );
}

function diffRecords(
  comparison: Comparison,
  previous: RecordModel,
  next: RecordModel,
  place: Place,
): void {
  const nextFields = new Map(next.fields.map(field => [field.jsonName, field]));
  const previousNames = new Set(previous.fields.map(field => field.jsonName));
  for (const field of previous.fields) {
    const at = inside(place, field.jsonName);
    const successor = nextFields.get(field.jsonName);
    if (successor) {
      diffFields(comparison, field, successor, at);
    } else {
      report(
        comparison,
        at,
        'field_removed',
        field.required
          ? ['unknown_field_refused', 'missing_for_earlier_reader']
          : ['unknown_field_refused'],
        {
          old: describeField(field),
          message: `Field ${at.path} was removed`,
        },
      );
    }
  }
  for (const field of next.fields) {
    if (!previousNames.has(field.jsonName)) {
      const at = inside(place, field.jsonName);
      const isRequired = field.required;
      report(
        comparison,
        at,
        isRequired ? 'required_field_added' : 'field_added',
        isRequired ? ['value_missing'] : [],
        {
          new: describeField(field),
          message: `Field ${at.path} was added as ${
            isRequired ? 'required' : 'optional'
          }`,
        },
      );
    }
  }
}

function diffFields(
  comparison: Comparison,
  previous: FieldModel,
  next: FieldModel,
  at: Place,
): void {
  diffOptionality(comparison, !previous.required, !next.required, at);
  diffTypes(comparison, previous.type, next.type, at);
  diffNotes(comparison, previous, next, at);
}

function diffOptionality(
  comparison: Comparison,
  wasOptional: boolean,
  isOptional: boolean,
  at: Place,
): void {
  if (wasOptional === isOptional) {
    return;
  }
  const words = { old: 'required', new: 'optional' };
  if (isOptional) {
    report(comparison, at, 'became_optional', ['missing_for_earlier_reader'], {
      ...words,
      message: `Field ${at.path} was required and became optional`,
    });
  } else {
    report(comparison, at, 'became_required', ['value_missing'], {
      old: words.new,
      new: words.old,
      message: `Field ${at.path} was optional and became required`,
    });
  }
}

const TYPE_CHANGES: Record<
  'widened' | 'narrowed' | 'changed',
  { code: DifferenceCode; breaks: RuleCode[]; verb: string }
> = {
  widened: {
    code: 'field_type_widened',
    breaks: ['too_wide_for_earlier_reader'],
    verb: 'was widened',
  },
  narrowed: {
    code: 'field_type_narrowed',
    breaks: ['value_not_accepted'],
    verb: 'was narrowed',
  },
  changed: {
    code: 'field_type_changed',
    breaks: ['column_type_changed'],
    verb: 'changed',
  },
};

function diffTypes(
  comparison: Comparison,
  previous: TypeModel,
  next: TypeModel,
  at: Place,
): void {
  const change = typeChangeOf(previous, next);
  if (change !== 'same') {
    const { code, breaks, verb } = TYPE_CHANGES[change];
    const [old, now] = [describeType(previous), describeType(next)];
    report(comparison, at, code, breaks, {
      old,
      new: now,
      message: `The type of field ${at.path} ${verb} from ${old} to ${now}`,
    });
  } else if (previous.kind === 'record' && next.kind === 'record') {
    diffRecords(comparison, previous, next, at);
  } else if (previous.kind === 'enum' && next.kind === 'enum') {
    diffSymbols(comparison, previous.symbols, next.symbols, at);
  } else if (
    (previous.kind === 'array' && next.kind === 'array') ||
    (previous.kind === 'map' && next.kind === 'map')
  ) {
    const values = {
      pointer: appendPointer(at.pointer, '*'),
      path: `${at.path}${previous.kind === 'array' ? '[]' : '{}'}`,
    };
    const { valuesOptional: wasOptional } = previous;
    const reader = wasOptional ? next : previous;
    // To who reads any JSON value, null is one of them.
    if (reader.values.kind !== 'json') {
      diffOptionality(comparison, wasOptional, next.valuesOptional, values);
    }
    diffTypes(comparison, previous.values, next.values, values);
  }
}

function diffSymbols(
  comparison: Comparison,
  previous: readonly string[],
  next: readonly string[],
  at: Place,
): void {
  const known = new Set(previous);
  const kept = new Set(next);
  const removed = previous.filter(symbol => !kept.has(symbol));
  const added = next.filter(symbol => !known.has(symbol));
  if (removed.length) {
    report(comparison, at, 'enum_symbols_removed', ['value_not_accepted'], {
      old: removed.join(', '),
      message: `The enum of field ${at.path} lost ${listed(removed)}`,
    });
  }
  if (added.length) {
    report(
      comparison,
      at,
      'enum_symbols_added',
      ['too_wide_for_earlier_reader'],
      {
        new: added.join(', '),
        message: `The enum of field ${at.path} gained ${listed(added)}`,
      },
    );
  }
}

function diffNotes(
  comparison: Comparison,
  previous: FieldModel,
  next: FieldModel,
  at: Place,
): void {
  const before = comparison.oldNotes.get(previous);
  const after = comparison.newNotes.get(next);
  if (!before || !after) {
    return;
  }
  const note = (
    code: DifferenceCode,
    what: string,
    old: unknown,
    now: unknown,
  ) => {
    if (old !== now) {
      report(comparison, at, code, [], {
        ...(old !== undefined && { old: String(old) }),
        ...(now !== undefined && { new: String(now) }),
        message: `The ${what} of field ${at.path} changed`,
      });
    }
  };
  note('documentation_changed', 'description', before.doc, after.doc);
  note(
    'semantic_type_changed',
    'meaning',
    before.semanticType,
    after.semanticType,
  );
  note('avro_name_changed', 'Avro name', before.name, after.name);
  note('default_changed', 'default', defaultOf(before), defaultOf(after));
  const annotations = [
    ...Object.keys(before),
    ...Object.keys(after).filter(key => !Object.hasOwn(before, key)),
  ].filter(key => !NO_ANNOTATIONS.has(key));
  for (const key of annotations) {
    note('annotation_changed', `annotation ${key}`, before[key], after[key]);
  }
}

/** Only of required fields: that of an optional one is always null. */
function defaultOf(field: AvroField): string | undefined {
  return field.default === undefined || Array.isArray(field.type)
    ? undefined
    : JSON.stringify(field.default);
}

function report(
  comparison: Comparison,
  place: Place,
  code: DifferenceCode,
  breaks: readonly RuleCode[],
  words: { old?: string; new?: string; message: string },
): void {
  comparison.found.push({ code, ...place, ...words, breaks });
}

function inside(place: Place, jsonName: string): Place {
  return {
    pointer: appendPointer(place.pointer, jsonName),
    path: place.path ? `${place.path}.${jsonName}` : jsonName,
  };
}

function describeField(field: FieldModel): string {
  return `${field.required ? 'required' : 'optional'} ${describeType(
    field.type,
  )}`;
}

function describeType(type: TypeModel): string {
  return type.kind === 'record' && type.fields.length === 0
    ? 'record without fields'
    : typeText(type);
}

const MAX_LISTED = 10;

function listed(symbols: readonly string[]): string {
  const rest = symbols.length - MAX_LISTED;
  return rest > 0
    ? `${symbols.slice(0, MAX_LISTED).join(', ')} and ${rest} more`
    : symbols.join(', ');
}

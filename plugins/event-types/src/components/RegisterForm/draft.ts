import type {
  EventTypePreviewRequest,
  SimpleField,
  Tier,
} from '@millrace/plugin-event-types-common';

/** Where the schema comes from. */
export type SchemaSource = 'fields' | 'samples' | 'schema';

/** A row of the fields editor; the key keeps rows apart while they move. */
export interface FieldRow {
  key: number;
  name: string;
  type: SimpleField['type'];
  required: boolean;
  doc: string;
  /** What it holds about a person, once somebody has decided. */
  semanticType?: string;
}

/** Everything the form holds. */
export interface Draft {
  name: string;
  description: string;
  owner?: string;
  tier: Tier;
  source: SchemaSource;
  fields: FieldRow[];
  samplesText: string;
  schemaText: string;
  /** The same of a schema that was pasted or inferred, by pointer. */
  decisions: { [pointer: string]: string };
}

let lastKey = 0;

export function newFieldRow(): FieldRow {
  lastKey += 1;
  return { key: lastKey, name: '', type: 'string', required: true, doc: '' };
}

export function newDraft(): Draft {
  return {
    name: '',
    description: '',
    tier: 'normal',
    source: 'fields',
    fields: [newFieldRow()],
    samplesText: '',
    schemaText: '',
    decisions: {},
  };
}

/** What the form sends for the simple list of fields. */
export function toSimpleFields(rows: FieldRow[]): SimpleField[] {
  return rows.map(({ name, type, required, doc, semanticType }) => ({
    name: name.trim(),
    type,
    required,
    ...(doc.trim() && { doc: doc.trim() }),
    ...(semanticType && { semanticType }),
  }));
}

/** The row that a pointer into the request, such as `/fields/2`, is about. */
export function rowAt(draft: Draft, pointer: string): FieldRow | undefined {
  const [, index] = /^\/fields\/(\d+)$/.exec(pointer) ?? [];
  return index === undefined ? undefined : draft.fields[Number(index)];
}

/** A schema with what was decided of its fields. */
export function withDecisions(
  schema: unknown,
  decisions: Draft['decisions'],
): unknown {
  const copy = structuredClone(schema);
  for (const [pointer, semanticType] of Object.entries(decisions)) {
    const field = valueAt({ schema: copy }, pointer);
    if (typeof field === 'object' && field !== null) {
      Object.assign(field, { semanticType });
    }
  }
  return copy;
}

/** RFC 6901; undefined where there is nothing. */
function valueAt(root: unknown, pointer: string): unknown {
  let value = root;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (
      typeof value !== 'object' ||
      value === null ||
      !Object.hasOwn(value, key)
    ) {
      return undefined;
    }
    value = Reflect.get(value, key);
  }
  return value;
}

/** The schema part of a preview request, or why there is none yet. */
export type ParsedSource =
  | { request: Omit<EventTypePreviewRequest, 'name'>; problem?: undefined }
  | { request?: undefined; problem: string };

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function parseSamples(text: string): ParsedSource {
  const whole = parseJson(text);
  if (whole) {
    return {
      request: {
        samples: Array.isArray(whole.value) ? whole.value : [whole.value],
      },
    };
  }
  const lines = text.split('\n').filter(line => line.trim());
  const parsed = lines.map(parseJson);
  const bad = parsed.findIndex(line => line === undefined);
  if (bad >= 0) {
    return {
      problem:
        lines.length === 1
          ? 'This is not JSON yet. Paste an event, a list of events, or one event per line.'
          : `Neither the whole text nor line ${bad + 1} by itself is JSON.`,
    };
  }
  return { request: { samples: parsed.map(line => line?.value) } };
}

function parseSchema(text: string): ParsedSource {
  const parsed = parseJson(text);
  if (
    !parsed ||
    typeof parsed.value !== 'object' ||
    parsed.value === null ||
    Array.isArray(parsed.value)
  ) {
    return {
      problem:
        'This is not a JSON object yet. Paste an Avro record or a JSON Schema.',
    };
  }
  return Reflect.get(parsed.value, 'type') === 'record'
    ? { request: { schema: parsed.value } }
    : { request: { jsonSchema: parsed.value } };
}

/**
 * Reads the part of the draft that describes the schema.
 *
 * @returns undefined while nothing was given yet
 */
export function parseSource(draft: Draft): ParsedSource | undefined {
  switch (draft.source) {
    case 'samples':
      return draft.samplesText.trim()
        ? parseSamples(draft.samplesText)
        : undefined;
    case 'schema':
      return draft.schemaText.trim()
        ? parseSchema(draft.schemaText)
        : undefined;
    default:
      return draft.fields.some(({ name }) => name.trim())
        ? { request: { fields: toSimpleFields(draft.fields) } }
        : undefined;
  }
}

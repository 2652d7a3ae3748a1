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

/** Everything the form holds, as it was typed. */
export interface Draft {
  name: string;
  description: string;
  owner?: string;
  tier: Tier;
  /** Words with blanks or commas between them. */
  tags: string;
  /** Entity reference. */
  system?: string;
  source: SchemaSource;
  fields: FieldRow[];
  samplesText: string;
  schemaText: string;
  /**
   * What the fields of a schema that was pasted or inferred hold about a person,
   * by path in the event. A decision is about a field of this event type: it
   * stays when more samples are pasted.
   */
  decisions: { [path: string]: string };
  /** Id of a retention class; without it, the default of the installation. */
  retention?: string;
  eventsPerDay: string;
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
    tags: '',
    source: 'fields',
    fields: [newFieldRow()],
    samplesText: '',
    schemaText: '',
    decisions: {},
    eventsPerDay: '',
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

/** The words of a list of tags. */
export function tagsOf(text: string): string[] {
  return text.split(/[\s,]/).filter(tag => tag !== '');
}

/** A number as people type it, with separators or without; NaN if it is none. */
export function countOf(text: string): number {
  const digits = text.replaceAll(/[\s,_']/g, '');
  return /^\d+$/.test(digits) ? Number(digits) : NaN;
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

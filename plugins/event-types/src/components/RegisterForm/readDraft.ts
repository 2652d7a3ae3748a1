import { SIMPLE_FIELD_TYPES, TIERS } from '@millrace/plugin-event-types-common';
import { type Draft, type FieldRow, newDraft, newFieldRow } from './draft';

const SOURCES: readonly Draft['source'][] = ['fields', 'samples', 'schema'];

/** A draft that was begun earlier, or one that begins now. */
export interface ResumedDraft {
  draft: Draft;
  /** Of what the backend has; 0 if it has nothing. */
  revision: number;
  savedAt?: Date;
  /** Whether something of it is in this tab only. */
  isUnsaved: boolean;
}

/** What is kept of a draft. Rows go without their keys: those are of one window. */
export function toContent(draft: Draft): { [key: string]: unknown } {
  return {
    ...draft,
    fields: draft.fields.map(({ key, ...row }) => row),
  };
}

/**
 * A draft out of what was kept of it, perhaps by an earlier release or by a
 * program. Whatever is not what it should be is left out; nothing is ever
 * refused, since what is left is somebody's work.
 */
export function readDraft(content: unknown): Draft {
  const empty = newDraft();
  if (!isObject(content)) {
    return empty;
  }
  const fields = Array.isArray(content.fields)
    ? content.fields.filter(isObject).map(readRow)
    : [];
  return {
    name: textOf(content.name),
    description: textOf(content.description),
    owner: optionalTextOf(content.owner),
    tier: TIERS.find(tier => tier === content.tier) ?? empty.tier,
    tags: textOf(content.tags),
    system: optionalTextOf(content.system),
    source: SOURCES.find(source => source === content.source) ?? empty.source,
    fields: fields.length ? fields : empty.fields,
    samplesText: textOf(content.samplesText),
    schemaText: textOf(content.schemaText),
    decisions: isObject(content.decisions)
      ? Object.fromEntries(
          Object.entries(content.decisions).filter(
            (entry): entry is [string, string] => typeof entry[1] === 'string',
          ),
        )
      : {},
    retention: optionalTextOf(content.retention),
    eventsPerDay: textOf(content.eventsPerDay),
  };
}

function readRow(row: { [key: string]: unknown }): FieldRow {
  const empty = newFieldRow();
  return {
    ...empty,
    name: textOf(row.name),
    type: SIMPLE_FIELD_TYPES.find(type => type === row.type) ?? empty.type,
    required: typeof row.required === 'boolean' ? row.required : empty.required,
    doc: textOf(row.doc),
    semanticType: optionalTextOf(row.semanticType),
  };
}

function isObject(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function optionalTextOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

import { BigQueryField } from '@millrace/schema';
import { SinkError } from '../errors';

/** A column as the API tells it; it also knows the legacy names of types. */
export interface TableField {
  name?: string;
  type?: string;
  mode?: string;
  fields?: TableField[];
}

const LEGACY_TYPES: Record<string, string> = {
  BOOLEAN: 'BOOL',
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  STRUCT: 'RECORD',
};

/**
 * The columns of a table after a load: its own in their order, then new ones.
 * Columns that only the table has stay, empty in what is loaded.
 *
 * @throws SinkError with code `schema_not_loadable` when a column is there with
 * another type
 */
export function mergeFields(
  existing: TableField[],
  wanted: BigQueryField[],
  where = '',
): TableField[] {
  const merged = existing.map(field => {
    const ours = wanted.find(({ name }) => isSame(name, field.name));
    return ours ? mergeField(field, ours, where) : field;
  });
  const added = wanted.filter(
    field => !existing.some(({ name }) => isSame(field.name, name)),
  );
  return [...merged, ...added];
}

function mergeField(
  field: TableField,
  ours: BigQueryField,
  where: string,
): TableField {
  const path = where ? `${where}.${ours.name}` : ours.name;
  const has = `${typeOf(field)}${modeOf(field)}`;
  const needs = `${typeOf(ours)}${modeOf(ours)}`;
  if (has !== needs) {
    throw new SinkError(
      'schema_not_loadable',
      `The column '${path}' is ${has} in BigQuery and has become ${needs}; load the type into a new table, or change the column`,
    );
  }
  return ours.fields
    ? { ...field, fields: mergeFields(field.fields ?? [], ours.fields, path) }
    : field;
}

function typeOf({ type = '' }: TableField): string {
  return LEGACY_TYPES[type] ?? type;
}

function modeOf({ mode }: TableField): string {
  return mode === 'REPEATED' ? '[]' : '';
}

function isSame(one: string | undefined, other: string | undefined): boolean {
  return one?.toLowerCase() === other?.toLowerCase();
}

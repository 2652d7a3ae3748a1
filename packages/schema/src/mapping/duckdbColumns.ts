import { modelOf, TypeModel } from '../avro/model';
import { EventSchema } from '../avro/types';

/**
 * One data column of a partition.
 *
 * @public
 */
export interface DuckdbColumn {
  /** The JSON name of the field, not quoted. */
  name: string;
  /** DuckDB type text, for example `STRUCT("id" BIGINT, "tags" VARCHAR[])`. */
  type: string;
  required: boolean;
}

const SCALAR_TYPES: Record<string, string> = {
  boolean: 'BOOLEAN',
  int: 'INTEGER',
  long: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  string: 'VARCHAR',
  // Enums grow; as text a partition stays readable beside its successors.
  enum: 'VARCHAR',
  timestamp: 'TIMESTAMP WITH TIME ZONE',
  date: 'DATE',
  uuid: 'UUID',
  json: 'JSON',
};

/**
 * The columns into which sealing puts the data of an event, in the order of
 * the schema. The type text comes from checked names only and may be put into
 * a statement as it is.
 *
 * @public
 */
export function duckdbColumns(schema: EventSchema): DuckdbColumn[] {
  return modelOf(schema).fields.map(field => ({
    name: field.jsonName,
    type: duckdbType(field.type),
    required: field.required,
  }));
}

export function duckdbType(type: TypeModel): string {
  switch (type.kind) {
    case 'array':
      return `${duckdbType(type.values)}[]`;
    case 'map':
      return `MAP(VARCHAR, ${duckdbType(type.values)})`;
    case 'record':
      // DuckDB has no STRUCT without fields.
      return type.fields.length === 0
        ? 'JSON'
        : `STRUCT(${type.fields
            .map(field => `${quote(field.jsonName)} ${duckdbType(field.type)}`)
            .join(', ')})`;
    default:
      return SCALAR_TYPES[type.kind];
  }
}

function quote(name: string): string {
  return `"${name.replace(/"/g, '""')}"`;
}

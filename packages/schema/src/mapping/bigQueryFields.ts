import { modelOf, RecordModel, TypeModel } from '../avro/model';
import { EventSchema } from '../avro/types';
import { SchemaError } from '../errors';

/**
 * A column of a BigQuery table, as its API writes it.
 *
 * @public
 */
export interface BigQueryField {
  name: string;
  type:
    | 'BOOL'
    | 'INT64'
    | 'FLOAT64'
    | 'STRING'
    | 'BYTES'
    | 'TIMESTAMP'
    | 'DATE'
    | 'JSON'
    | 'RECORD';
  mode: 'NULLABLE' | 'REPEATED';
  fields?: BigQueryField[];
}

const SCALAR_TYPES: Record<string, BigQueryField['type']> = {
  boolean: 'BOOL',
  int: 'INT64',
  long: 'INT64',
  float: 'FLOAT64',
  double: 'FLOAT64',
  string: 'STRING',
  enum: 'STRING',
  timestamp: 'TIMESTAMP',
  date: 'DATE',
  // In Parquet a UUID is 16 bytes; TO_HEX() makes them readable.
  uuid: 'BYTES',
  json: 'JSON',
};

/** What BigQuery takes as a flexible column name, of what a schema allows. */
const COLUMN_NAME = /^[\p{L}\p{M}\p{N}_&%=+:'<>#|\p{Pd} ]{1,300}$/u;

/** Names that BigQuery keeps for itself, in any case. */
const RESERVED =
  /^(_TABLE_|_FILE_|_PARTITION|_ROW_TIMESTAMP|__ROOT__|_COLIDENTIFIER|_CHANGE_)/i;

const nullable = (
  name: string,
  type: BigQueryField['type'],
): BigQueryField => ({ name, type, mode: 'NULLABLE' });

const ENVELOPE: BigQueryField[] = [
  nullable('_id', 'STRING'),
  nullable('_source', 'STRING'),
  nullable('_time', 'TIMESTAMP'),
  nullable('_received_at', 'TIMESTAMP'),
  nullable('_producer', 'STRING'),
  nullable('_epoch', 'STRING'),
  nullable('_sequence', 'INT64'),
  nullable('_schema_version', 'INT64'),
  nullable('_id_conflict', 'BOOL'),
];

/**
 * The columns of a BigQuery table for the partitions of a schema: those of the
 * envelope, then those of the data, as BigQuery reads them from the Parquet
 * files with list inference and `mapTargetType: ARRAY_OF_STRUCT`.
 *
 * Every column is NULLABLE, or REPEATED, so that every later version of the
 * schema fits a table of an earlier one.
 *
 * @throws SchemaError with code `not_loadable`: a list of lists, a list whose
 * items may be null, or a name that a BigQuery column cannot have
 * @public
 */
export function bigQueryFields(schema: EventSchema): BigQueryField[] {
  return [...ENVELOPE, ...fieldsOf(modelOf(schema), '')];
}

function fieldsOf(record: RecordModel, where: string): BigQueryField[] {
  const seen = new Set<string>();
  return record.fields.map(field => {
    const path = where ? `${where}.${field.jsonName}` : field.jsonName;
    const folded = field.jsonName.toLowerCase();
    if (
      !COLUMN_NAME.test(field.jsonName) ||
      RESERVED.test(field.jsonName) ||
      seen.has(folded)
    ) {
      throw notLoadable(path, 'has a name that a BigQuery column cannot have');
    }
    seen.add(folded);
    return fieldOf(field.jsonName, field.type, path);
  });
}

function fieldOf(name: string, type: TypeModel, path: string): BigQueryField {
  switch (type.kind) {
    case 'array': {
      if (type.values.kind === 'array' || type.values.kind === 'map') {
        throw notLoadable(path, 'is a list of lists or of maps');
      }
      if (type.valuesOptional) {
        throw notLoadable(path, 'is a list whose items may be null');
      }
      return { ...fieldOf(name, type.values, path), mode: 'REPEATED' };
    }
    case 'map':
      return {
        name,
        type: 'RECORD',
        mode: 'REPEATED',
        fields: [
          nullable('key', 'STRING'),
          fieldOf('value', type.values, `${path}{}`),
        ],
      };
    case 'record':
      return type.fields.length === 0
        ? nullable(name, 'JSON')
        : {
            name,
            type: 'RECORD',
            mode: 'NULLABLE',
            fields: fieldsOf(type, path),
          };
    default:
      return nullable(name, SCALAR_TYPES[type.kind]);
  }
}

function notLoadable(path: string, why: string): SchemaError {
  return new SchemaError(
    'not_loadable',
    `The field '${path}' ${why}, so BigQuery cannot take the type's partitions`,
  );
}

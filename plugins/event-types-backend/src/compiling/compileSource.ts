import {
  type EventSchema,
  SchemaError,
  compileValidator,
  importJsonSchema,
  inferSchema,
  parseEventSchema,
  schemaFromFields,
} from '@millrace/schema';
import type { DeclarationProblem } from '@millrace/plugin-event-types-common';
import { problem } from '../errors';
import { isPlainlySmall } from './isPlainlySmall';
import type { CompileOptions, SchemaSource } from './types';

/** A schema as the plain JSON it is stored as, or why there is none. */
export interface CompiledSource {
  avro?: unknown;
  problems: DeclarationProblem[];
}

/**
 * Every gateway holds all schemas in its config snapshot; nothing that a
 * person wrote by hand comes near this.
 */
export const MAX_SCHEMA_BYTES = 1024 * 1024;

/**
 * Does all the work whose cost a hostile source decides: reading it, and
 * compiling the validator as the gateway will. Runs in the worker.
 *
 * @param options - `isPreview`: the validator of a schema that is plainly small is
 * not compiled, which takes twenty times as long as all the rest
 */
export function compileSource(
  source: SchemaSource,
  options: CompileOptions = {},
): CompiledSource {
  try {
    const schema = readSource(source);
    const { avro } = schema;
    if (!options.isPreview || !isPlainlySmall(avro)) {
      tryOut(schema);
    }
    const bytes = Buffer.byteLength(JSON.stringify(avro));
    return bytes > MAX_SCHEMA_BYTES
      ? tooComplex(`it has ${bytes} bytes, more than ${MAX_SCHEMA_BYTES}`)
      : { avro, problems: [] };
  } catch (error) {
    if (error instanceof SchemaError) {
      const { code, message, problems } = error;
      return {
        problems: problems.length
          ? problems.map(found => ({ ...found }))
          : [{ code, pointer: '', message }],
      };
    }
    // The stack overflowed: the work recurses over fields and levels.
    if (error instanceof RangeError) {
      return tooComplex('it has too many fields in one record, or levels');
    }
    throw error;
  }
}

/** The answer to a source that goes beyond a limit. */
export function tooComplex(why: string): CompiledSource {
  return {
    problems: [
      problem(
        'schema_too_complex',
        '',
        `The schema is too complex: ${why}. Split it into smaller records, or make large parts logical type 'json'`,
      ),
    ],
  };
}

function readSource(source: SchemaSource): EventSchema {
  switch (source.kind) {
    case 'avro':
      return parseEventSchema(source.schema);
    case 'fields':
      return schemaFromFields(source.fields, { name: source.name });
    case 'samples':
      return inferSchema(source.samples, { name: source.name });
    default:
      return importJsonSchema(source.document, { name: source.name });
  }
}

/**
 * Compiles the validator and lets it judge and explain an event: a gateway does
 * the same at the first event of the type, beside the traffic of all others.
 */
function tryOut(schema: EventSchema): void {
  compileValidator(schema)({});
}

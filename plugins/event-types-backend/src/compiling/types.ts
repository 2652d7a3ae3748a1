import type {
  DeclarationProblem,
  SimpleField,
} from '@millrace/plugin-event-types-common';
import type { EventSchema } from '@millrace/schema';

/** What a person gave to make a schema of. Untrusted, but for `fields`. */
export type SchemaSource =
  /** An Avro record. */
  | { kind: 'avro'; schema: unknown }
  | { kind: 'fields'; name: string; fields: SimpleField[] }
  /** Example events. */
  | { kind: 'samples'; name: string; samples: unknown[] }
  /** A JSON Schema document. */
  | { kind: 'jsonSchema'; name: string; document: unknown };

/** A schema, or why there is none. Pointers are into the source. */
export interface CompiledSchema {
  value?: EventSchema;
  problems: DeclarationProblem[];
}

/** How much is done to make sure. */
export interface CompileOptions {
  /**
   * For an answer to somebody who is typing, upon which nothing is written: what
   * cannot be too complex is not tried out.
   */
  isPreview?: boolean;
}

/**
 * Makes schemas of what people submit.
 *
 * A schema that it gives can be used anywhere: its validator compiles within
 * the limits, and what is left to do with it is bounded by its number of fields.
 */
export interface SchemaCompiler {
  /** @throws SchemaCompilerBusyError when too many wait already */
  compile(
    source: SchemaSource,
    options?: CompileOptions,
  ): Promise<CompiledSchema>;
}

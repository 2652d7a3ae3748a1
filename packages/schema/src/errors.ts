/**
 * Every way this package refuses something. The list is closed: a caller may
 * switch over it and know that nothing else comes.
 *
 * @public
 */
export type SchemaErrorCode =
  | 'invalid_event_type_name'
  | 'invalid_bucket_duration'
  | 'invalid_schema'
  | 'invalid_json_schema'
  | 'remote_reference'
  | 'invalid_samples'
  | 'invalid_batch_header'
  | 'not_loadable';

/**
 * What can be wrong inside one schema.
 *
 * @public
 */
export type SchemaProblemCode =
  | 'not_a_record'
  | 'invalid_name'
  | 'reserved_name'
  | 'duplicate_name'
  | 'name_differs_only_in_case'
  | 'unsupported_type'
  | 'unsupported_union'
  | 'unknown_reference'
  | 'recursive_reference'
  | 'invalid_symbols'
  | 'invalid_default'
  | 'invalid_annotation'
  | 'too_deep'
  | 'too_many_fields';

/**
 * One thing wrong in a schema, with the place it was found.
 *
 * @public
 */
export interface SchemaProblem {
  code: SchemaProblemCode;
  /** RFC 6901 pointer into the schema document. */
  pointer: string;
  message: string;
}

/**
 * The error of this package. `problems` is filled when a schema was refused
 * and there is more than one thing to say about it.
 *
 * @public
 */
export class SchemaError extends Error {
  readonly code: SchemaErrorCode;
  readonly problems: readonly SchemaProblem[];

  constructor(
    code: SchemaErrorCode,
    message: string,
    problems: readonly SchemaProblem[] = [],
  ) {
    super(message);
    this.name = 'SchemaError';
    this.code = code;
    this.problems = problems;
  }
}

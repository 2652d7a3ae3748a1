/**
 * Event schemas: names, buckets, the canonical Avro schema with its compiled
 * validators and type mappings, and the wire format of batches. Runs in Node
 * and in the browser.
 *
 * @packageDocumentation
 */
export * from './avro';
export * from './batch';
export * from './bucket';
export * from './codegen';
export * from './compatibility';
export * from './declaration';
export { SchemaError } from './errors';
export type {
  SchemaErrorCode,
  SchemaProblem,
  SchemaProblemCode,
} from './errors';
export * from './importing';
export * from './lateness';
export * from './mapping';
export * from './matching';
export * from './names';
export * from './privacy';
export * from './validation';

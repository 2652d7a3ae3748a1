export { WorkerSchemaCompiler } from './WorkerSchemaCompiler';
export type { CompiledSchema, SchemaCompiler, SchemaSource } from './types';

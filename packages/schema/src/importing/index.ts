export { importJsonSchema } from './importJsonSchema';
export { inferSchema } from './inferSchema';
export { schemaFromFields } from './schemaFromFields';
export type { SimpleField, SimpleFieldType } from './schemaFromFields';

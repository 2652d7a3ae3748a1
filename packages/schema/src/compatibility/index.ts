export { compareSchemas } from './compareSchemas';
export type { Incompatibility } from './compareSchemas';

export { SchemaContent } from './SchemaContent';

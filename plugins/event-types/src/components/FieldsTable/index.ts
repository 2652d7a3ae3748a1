export { FieldsTable } from './FieldsTable';

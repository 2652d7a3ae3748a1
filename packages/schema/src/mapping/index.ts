export { bigQueryFields } from './bigQueryFields';
export type { BigQueryField } from './bigQueryFields';
export { duckdbColumns } from './duckdbColumns';
export type { DuckdbColumn } from './duckdbColumns';
export { summarizeFields } from './summarizeFields';
export type { FieldSummary } from './summarizeFields';

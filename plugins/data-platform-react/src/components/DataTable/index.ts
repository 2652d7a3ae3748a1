export * from './DataTable';
export { useTableQuery } from './tableQuery';
export type { TableQuery, TableQueryState } from './tableQuery';

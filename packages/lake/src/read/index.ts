export { readRows, type ReadRowsOptions, type RowsPage } from './readRows';

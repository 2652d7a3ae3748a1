export {
  createLocalCopies,
  type LocalCopies,
  type LocalCopiesOptions,
  type ObjectToCopy,
} from './localCopies';
export { readRows, type ReadRowsOptions, type RowsPage } from './readRows';

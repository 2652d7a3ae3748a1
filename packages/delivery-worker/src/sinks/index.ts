export {
  createBigQuery,
  type BigQuerySettings,
} from './bigquery/createBigQuery';
export { createBigQuerySink } from './bigquery/createBigQuerySink';
export { createSinkLoader } from './createSinkLoader';

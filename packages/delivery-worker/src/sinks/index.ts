export { createAvroSink } from './avro/createAvroSink';
export {
  createBigQuery,
  type BigQuerySettings,
} from './bigquery/createBigQuery';
export { createBigQuerySink } from './bigquery/createBigQuerySink';
export { createSinkLoader } from './createSinkLoader';
export type { Sink } from './types';

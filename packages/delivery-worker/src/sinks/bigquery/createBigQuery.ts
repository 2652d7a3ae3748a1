import { BigQuery } from '@google-cloud/bigquery';

/** Where sealed partitions are loaded to. @public */
export interface BigQuerySettings {
  /** Of the tables, and pays for the jobs. Default: the one of Pub/Sub. */
  projectId?: string;
  /** Exists. */
  dataset: string;
  /** Of the data set, such as `EU`; the lake's bucket must be there too. */
  location: string;
}

/** The official client, with the credentials of the machine. @internal */
export function createBigQuery(
  settings: BigQuerySettings & { projectId: string },
): BigQuery {
  const { projectId, location } = settings;
  return new BigQuery({ projectId, location });
}

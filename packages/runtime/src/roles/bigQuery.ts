import type { BigQuerySettings } from '@millrace/delivery-worker';
import { UsageError } from '../errors';
import { requireEnv } from './environment';

/**
 * Whether and where a worker loads sealed partitions into BigQuery, from
 * `MILLRACE_BIGQUERY_DATASET` (`dataset` or `project.dataset`) and
 * `MILLRACE_BIGQUERY_LOCATION`.
 */
export function readBigQuery(
  env: NodeJS.ProcessEnv,
): BigQuerySettings | undefined {
  const text = env.MILLRACE_BIGQUERY_DATASET;
  if (!text) {
    return undefined;
  }
  const [, projectId, dataset] =
    /^(?:([a-z][a-z0-9:.-]{4,61}[a-z0-9])\.)?([A-Za-z0-9_]{1,1024})$/.exec(
      text,
    ) ?? [];
  if (dataset === undefined) {
    throw new UsageError(
      'invalid_environment',
      `MILLRACE_BIGQUERY_DATASET is '${text}', which is not a data set.`,
      "Set it to a data set such as 'events' or 'my-project.events'.",
    );
  }
  if (!env.MILLRACE_LAKE_ROOT?.startsWith('gs://')) {
    throw new UsageError(
      'invalid_environment',
      'MILLRACE_BIGQUERY_DATASET is set, but the lake is not in Cloud Storage.',
      "Set MILLRACE_LAKE_ROOT to a bucket such as 'gs://my-lake', or unset the data set.",
    );
  }
  return {
    dataset,
    location: requireEnv(env, 'MILLRACE_BIGQUERY_LOCATION'),
    ...(projectId !== undefined && { projectId }),
  };
}

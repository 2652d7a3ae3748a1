import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { BigQuery, JobMetadata } from '@google-cloud/bigquery';
import { LakeLocation } from '@millrace/lake';
import { DueSinkLoad } from '@millrace/ledger';
import {
  BigQueryField,
  bigQueryFields,
  parseEventTypeName,
} from '@millrace/schema';
import { Knex } from 'knex';
import { withDeclaredSchema } from '../declaredSchema';
import { SinkError } from '../errors';
import { JobState, Sink } from '../types';
import { reasonText, statusOf, toSinkError } from './failures';
import { mergeFields, TableField } from './tableSchema';

const SECONDS_PER_HOUR = 3600;

/** @internal */
export interface BigQuerySinkOptions {
  /** With project and location; see `createBigQuery`. */
  client: BigQuery;
  projectId: string;
  /** Exists; Millrace makes tables and no data sets. */
  dataset: string;
  /** Where the lake is; BigQuery reads from Cloud Storage. */
  lake: LakeLocation;
  ledger: Knex;
}

/**
 * BigQuery as a sink: a table per event type, partitioned by hour.
 *
 * Guarantees:
 * - A revision is loaded by one job into the partition of its hour, addressed by
 *   a partition decorator, and replaces what is there (`WRITE_TRUNCATE`), all or
 *   nothing. The table is partitioned by ingestion time and not by a column,
 *   because an event that came late lies in a later bucket than its own hour.
 * - The id of the job follows from the revision and the attempt, so that BigQuery
 *   itself refuses a second one.
 * - It counts as loaded when the job says so many rows as were delivered, and a
 *   query finds so many in the partition.
 *
 * Columns are only ever added. Names of tables, and nothing else that users
 * named, go into SQL; they are checked against what names of event types can be.
 */
export function createBigQuerySink(options: BigQuerySinkOptions): Sink {
  const { client, projectId, dataset, lake, ledger } = options;

  const columnsOf = (eventType: string): Promise<BigQueryField[]> =>
    withDeclaredSchema(ledger, eventType, bigQueryFields);

  const tableOf = (eventType: string) =>
    client.dataset(dataset, { projectId }).table(tableName(eventType));

  /** The columns the table has, or `undefined` when there is no table. */
  async function existingFields(
    eventType: string,
  ): Promise<TableField[] | undefined> {
    try {
      const [metadata] = await tableOf(eventType).getMetadata();
      return metadata.schema?.fields ?? [];
    } catch (error) {
      if (statusOf(error) === 404) {
        return undefined;
      }
      throw toSinkError(error, `look at the table of ${eventType}`);
    }
  }

  async function makeTable(
    eventType: string,
    fields: BigQueryField[],
  ): Promise<void> {
    try {
      await client
        .dataset(dataset, { projectId })
        .createTable(tableName(eventType), {
          schema: { fields },
          timePartitioning: { type: 'HOUR' },
          description: `Sealed partitions of the event type ${eventType}, loaded by Millrace`,
        });
    } catch (error) {
      if (statusOf(error) !== 409) {
        throw toSinkError(error, `make the table of ${eventType}`);
      }
    }
  }

  /** What the job of a revision does. */
  async function configurationOf(load: DueSinkLoad) {
    const { eventType } = load;
    const hour = hourOf(load.bucketStart);
    if (load.files.length === 0) {
      // A correction that left nothing: there is no file to load.
      return {
        query: {
          query: `DELETE FROM ${quoted(
            eventType,
          )} WHERE _PARTITIONTIME = TIMESTAMP(@hour)`,
          useLegacySql: false,
          parameterMode: 'NAMED',
          queryParameters: [hourParameter(load)],
        },
      };
    }
    const existing = (await existingFields(eventType)) ?? [];
    return {
      load: {
        sourceUris: sourceUris(load),
        sourceFormat: 'PARQUET',
        destinationTable: {
          projectId,
          datasetId: dataset,
          tableId: `${tableName(eventType)}$${hour}`,
        },
        createDisposition: 'CREATE_NEVER',
        writeDisposition: 'WRITE_TRUNCATE',
        schema: { fields: mergeFields(existing, await columnsOf(eventType)) },
        schemaUpdateOptions: ['ALLOW_FIELD_ADDITION'],
        parquetOptions: {
          enableListInference: true,
          mapTargetType: 'ARRAY_OF_STRUCT' as const,
        },
      },
    };
  }

  function sourceUris(load: DueSinkLoad): string[] {
    if (lake.kind !== 'gcs' || load.manifestPath === undefined) {
      throw new SinkError(
        'lake_not_readable',
        'BigQuery loads from Cloud Storage; the lake is elsewhere',
      );
    }
    const { bucket, prefix } = lake;
    const folder = posix.dirname(load.manifestPath);
    return load.files.map(
      ({ name }) =>
        `gs://${[bucket, prefix, folder, name].filter(Boolean).join('/')}`,
    );
  }

  /** Of this lake and table, so that two installations never share one. */
  function jobId(load: DueSinkLoad, attempt: number): string {
    const identity = createHash('sha256')
      .update(
        JSON.stringify([
          lake,
          projectId,
          dataset,
          load.eventType,
          load.bucketStart.toISOString(),
          load.revision,
          load.partitionId,
          attempt,
        ]),
      )
      .digest('hex')
      .slice(0, 32);
    return [
      'millrace',
      tableName(load.eventType),
      hourOf(load.bucketStart),
      `r${load.revision}`,
      `a${attempt}`,
      identity,
    ].join('_');
  }

  function quoted(eventType: string): string {
    return `\`${projectId}.${dataset}.${tableName(eventType)}\``;
  }

  /** Rows in the partition of the revision's hour. */
  async function countRows(load: DueSinkLoad): Promise<number> {
    const { eventType } = load;
    try {
      const [rows] = await client.query({
        query: `SELECT COUNT(*) AS n FROM ${quoted(
          eventType,
        )} WHERE _PARTITIONTIME = TIMESTAMP(@hour)`,
        params: { hour: load.bucketStart.toISOString() },
      });
      return Number(rows[0]?.n);
    } catch (error) {
      throw toSinkError(error, `count the rows of ${eventType}`);
    }
  }

  return {
    name: 'bigquery',

    async prepare(load) {
      if (load.bucketSeconds !== SECONDS_PER_HOUR) {
        throw new SinkError(
          'bucket_not_an_hour',
          `BigQuery's partitions are hours and the bucket has ${load.bucketSeconds} s; set delivery.bucket to PT1H for this sink`,
        );
      }
      const { eventType } = load;
      const wanted = await columnsOf(eventType);
      const existing = await existingFields(eventType);
      if (existing) {
        mergeFields(existing, wanted);
      } else {
        await makeTable(eventType, wanted);
      }
      if (load.files.length > 0) {
        sourceUris(load);
      }
    },

    async startJob(load, attempt) {
      const configuration = await configurationOf(load);
      try {
        await client.createJob({ jobId: jobId(load, attempt), configuration });
      } catch (error) {
        if (statusOf(error) !== 409) {
          throw toSinkError(error, `load into the table of ${load.eventType}`);
        }
      }
    },

    async findJob(load, attempt): Promise<JobState | undefined> {
      const id = jobId(load, attempt);
      let metadata: JobMetadata;
      try {
        [metadata] = await client
          .job(id, { location: client.location })
          .getMetadata();
      } catch (error) {
        if (statusOf(error) === 404) {
          return undefined;
        }
        throw toSinkError(error, `look at the job ${id}`);
      }
      if (metadata.status?.state !== 'DONE') {
        return { state: 'running' };
      }
      if (metadata.status.errorResult) {
        throw new SinkError(
          'load_failed',
          `BigQuery ended the job ${id} with the reason '${reasonText(
            metadata.status.errorResult.reason,
          )}'; BigQuery's page of the job says more`,
        );
      }
      const loaded =
        load.files.length === 0
          ? 0
          : Number(metadata.statistics?.load?.outputRows);
      const rows = loaded === load.delivered ? await countRows(load) : loaded;
      if (rows !== load.delivered) {
        throw new SinkError(
          'row_count_differs',
          `${load.delivered} events were delivered; after the job ${id} BigQuery has ${rows}`,
        );
      }
      return { state: 'done', rows };
    },
  };
}

/** No two types share one: names have no two separators in a row. */
function tableName(eventType: string): string {
  return parseEventTypeName(eventType).replaceAll('.', '__');
}

/** As a partition decorator wants it: `2026112113`. */
function hourOf(start: Date): string {
  return start.toISOString().replace(/\D/g, '').slice(0, 10);
}

function hourParameter(load: DueSinkLoad) {
  return {
    name: 'hour',
    parameterType: { type: 'STRING' },
    parameterValue: { value: load.bucketStart.toISOString() },
  };
}

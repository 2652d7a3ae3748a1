import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import {
  SINK_LOAD_COLUMNS,
  SinkLoadRecord,
  SinkLoadRow,
  toSinkLoad,
} from './sinkTypes';

/** @public */
export interface DueSinkLoad extends SinkLoadRecord {
  bucketSeconds: number;
  /** Rows that the sink must have in the end. */
  delivered: number;
  schemaVersion?: number;
  /** Key of the manifest, whose folder holds the files. */
  manifestPath?: string;
  files: { name: string; bytes: number }[];
}

/**
 * The revisions of an event type to look at in a sink now, the oldest bucket
 * first. A revision that was not begun when a later one was sealed becomes
 * `superseded` and is not among them; one whose earlier revision is still
 * `loading` waits, so that an earlier one can never come after a later one.
 *
 * @public
 */
export async function readDueSinkLoads(
  db: Knex,
  options: { sink: string; eventType: string; limit: number },
): Promise<DueSinkLoad[]> {
  const { sink, eventType, limit } = options;
  await db.raw(
    `UPDATE sink_loads l SET state = 'superseded', reason = NULL, message = NULL
     FROM partitions p
     WHERE p.partition_id = l.partition_id AND p.superseded_at IS NOT NULL
       AND l.sink = :sink AND l.event_type = :eventType
       AND l.state IN ('pending', 'failed')`,
    { sink, eventType },
  );
  const rows = await queryRows<
    SinkLoadRow & {
      bucketSeconds: number;
      delivered: string;
      schemaVersion: number | null;
      manifestPath: string | null;
      files: { name: string; bytes: number }[];
    }
  >(
    db,
    `SELECT ${SINK_LOAD_COLUMNS}, p.bucket_seconds AS "bucketSeconds",
       p.delivered, p.schema_version AS "schemaVersion",
       p.manifest_path AS "manifestPath",
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'name', f.name, 'bytes', f.bytes) ORDER BY f.name), '[]')
        FROM partition_files f WHERE f.partition_id = p.partition_id) AS files
     FROM sink_loads l JOIN partitions p USING (partition_id)
     WHERE l.sink = :sink AND l.event_type = :eventType
       AND l.state IN ('pending', 'loading', 'failed')
       AND l.next_look_at <= now()
       AND NOT EXISTS (
         SELECT 1 FROM sink_loads e
         WHERE e.sink = l.sink AND e.event_type = l.event_type
           AND e.bucket_start = l.bucket_start AND e.revision < l.revision
           AND e.state = 'loading')
     ORDER BY l.bucket_start, l.revision LIMIT :limit`,
    { sink, eventType, limit },
  );
  return rows.map(
    ({
      bucketSeconds,
      delivered,
      schemaVersion,
      manifestPath,
      files,
      ...row
    }) => ({
      ...toSinkLoad(row),
      bucketSeconds,
      delivered: Number(delivered),
      schemaVersion: schemaVersion ?? undefined,
      manifestPath: manifestPath ?? undefined,
      files,
    }),
  );
}

import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** A file with the ids of delivered events, in the lake. @public */
export interface IdFile {
  idFileId: string;
  /** 0 is the file of one partition, 1 and up are merged ones. */
  level: number;
  /** The key in the lake. */
  path: string;
  rows: number;
  bytes: number;
  /** In hex. */
  sha256: string;
  /**
   * Starts of buckets whose ids in it do not count: a revision has taken the
   * place of the partition they are of. ISO 8601. `rows` is without them.
   */
  withoutBuckets: string[];
}

/** @public */
export interface LiveIdFiles {
  files: IdFile[];
  /**
   * The newest partition whose ids are in the files, by a number that only
   * means something to `commitPartition`.
   */
  seenThrough: string;
}

/**
 * The files that together hold every id delivered to an event type within the
 * horizon. One statement, so that a merge that commits meanwhile cannot tear
 * the list.
 *
 * @public
 */
export async function listIdFiles(
  db: Knex,
  options: { eventType: string },
): Promise<LiveIdFiles> {
  const [{ files, seenThrough }] = await queryRows<LiveIdFiles>(
    db,
    `SELECT coalesce(jsonb_agg(jsonb_build_object(
         'idFileId', id_file_id::text, 'level', level, 'path', path,
         'rows', rows, 'bytes', bytes, 'sha256', sha256,
         'withoutBuckets', without_buckets)
         ORDER BY level DESC, id_file_id)
         FILTER (WHERE retired_at IS NULL), '[]') AS files,
       coalesce(max(id_file_id) FILTER (WHERE level = 0), 0)::text
         AS "seenThrough"
     FROM id_files WHERE event_type = :eventType`,
    { eventType: options.eventType },
  );
  return { files, seenThrough };
}

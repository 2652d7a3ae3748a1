import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { ConfigSnapshot, SnapshotEventType } from '../../types';
import { SnapshotContent } from './snapshotContent';

/**
 * The newest config snapshot, or `undefined` when there is none, or none newer
 * than the generation the caller already runs (or older than the one it does not
 * want), or, with `eventType`, none that
 * has that type. Cheap enough to poll: without a
 * change, only a generation number is compared.
 *
 * @public
 */
export async function readConfigSnapshot(
  db: Knex,
  options: { newerThan?: number; olderThan?: number; eventType?: string } = {},
): Promise<ConfigSnapshot | undefined> {
  const [row] = await queryRows<{
    generation: number;
    lineage: string | null;
    createdAt: Date;
    contentHash: string;
    eventTypeCount: number | null;
    writeKeyCount: number | null;
    content: Omit<SnapshotContent, 'eventTypes'>;
  }>(
    db,
    `SELECT generation, lineage, created_at AS "createdAt",
       content_hash AS "contentHash", event_type_count AS "eventTypeCount",
       write_key_count AS "writeKeyCount", content - 'eventTypes' AS content
     FROM config_snapshots
     WHERE generation > :newerThan
       AND (:olderThan::integer IS NULL OR generation < :olderThan) AND (
       :eventType::text IS NULL
       OR content->'eventTypes' @> jsonb_build_array(
         jsonb_build_object('name', :eventType::text))
     )
     ORDER BY generation DESC LIMIT 1`,
    {
      newerThan: options.newerThan ?? 0,
      olderThan: options.olderThan ?? null,
      eventType: options.eventType ?? null,
    },
  );
  if (!row) {
    return undefined;
  }
  const eventTypes = await queryRows<{ eventType: SnapshotEventType }>(
    db,
    `SELECT t.value AS "eventType"
     FROM config_snapshots,
       jsonb_array_elements(content->'eventTypes') WITH ORDINALITY
         AS t (value, position)
     WHERE generation = :generation ORDER BY position`,
    { generation: row.generation },
  );
  const { contentHash, eventTypeCount, writeKeyCount } = row;
  return {
    generation: row.generation,
    lineage: row.lineage ?? undefined,
    createdAt: row.createdAt.toISOString(),
    integrity:
      eventTypeCount === null || writeKeyCount === null
        ? undefined
        : { contentHash, eventTypeCount, writeKeyCount },
    ...row.content,
    eventTypes: eventTypes.map(({ eventType }) => eventType),
  };
}

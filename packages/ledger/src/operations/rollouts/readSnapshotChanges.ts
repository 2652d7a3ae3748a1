import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { SnapshotEventType } from '../../types';

/** What a snapshot says of an event type, without its schemas. @public */
export type SnapshotLine = Omit<SnapshotEventType, 'schema' | 'sealingSchema'>;

/** What a generation changed, compared with the one before it. @public */
export interface SnapshotChanges {
  generation: number;
  publishedAt: Date;
  eventTypes: number;
  writeKeys: number;
  /** By name; `before` is missing of what is new, `after` of what is gone. */
  changedTypes: {
    eventType: string;
    before?: SnapshotLine;
    after?: SnapshotLine;
  }[];
  /** Write keys that are new, with who created them. */
  addedKeys: { keyId: string; name?: string; createdBy?: string }[];
  /** Those that are gone, or not the same any more. */
  endedKeys: { keyId: string; name?: string }[];
  changedKeys: { keyId: string; name?: string }[];
  /** The length of partitions, where it changed; in seconds. */
  bucketSeconds?: { before: number; after: number };
}

/**
 * Compares a generation with the one before. The comparison is made where the
 * snapshots are: thousands of schemas stay there.
 *
 * @returns `undefined` when there is no such generation
 * @public
 */
export async function readSnapshotChanges(
  db: Knex,
  options: { generation: number },
): Promise<SnapshotChanges | undefined> {
  const { generation } = options;
  const [head] = await queryRows<{
    generation: number;
    publishedAt: Date;
    eventTypes: number;
    writeKeys: number;
    before: number | null;
    bucketSeconds: number;
    bucketSecondsBefore: number | null;
  }>(
    db,
    `SELECT s.generation, s.created_at AS "publishedAt",
       jsonb_array_length(s.content->'eventTypes') AS "eventTypes",
       jsonb_array_length(s.content->'writeKeys') AS "writeKeys",
       b.generation AS before, s.bucket_seconds AS "bucketSeconds",
       b.bucket_seconds AS "bucketSecondsBefore"
     FROM config_snapshots s
     LEFT JOIN LATERAL (
       SELECT generation, bucket_seconds FROM config_snapshots
       WHERE generation < s.generation ORDER BY generation DESC LIMIT 1
     ) b ON true
     WHERE s.generation = :generation`,
    { generation },
  );
  if (!head) {
    return undefined;
  }
  const bindings = { generation, before: head.before ?? 0 };
  const [changedTypes, keys] = await Promise.all([
    queryRows<{
      eventType: string;
      before: SnapshotLine | null;
      after: SnapshotLine | null;
    }>(
      db,
      `SELECT name AS "eventType", b.value - 'schema' - 'sealingSchema' AS before,
         a.value - 'schema' - 'sealingSchema' AS after
       FROM (${elementsOf('eventTypes', 'name', ':generation')}) a (name, value)
       FULL JOIN (${elementsOf(
         'eventTypes',
         'name',
         ':before',
       )}) b (name, value)
         USING (name)
       WHERE a.value IS DISTINCT FROM b.value
       ORDER BY name`,
      bindings,
    ),
    queryRows<{
      keyId: string;
      name: string | null;
      createdBy: string | null;
      isNew: boolean;
      isGone: boolean;
    }>(
      db,
      `SELECT x.name AS "keyId", k.name, k.created_by AS "createdBy",
         x.is_new AS "isNew", x.is_gone AS "isGone"
       FROM (
         SELECT name, b.value IS NULL AS is_new, a.value IS NULL AS is_gone
         FROM (${elementsOf(
           'writeKeys',
           'keyId',
           ':generation',
         )}) a (name, value)
         FULL JOIN (${elementsOf(
           'writeKeys',
           'keyId',
           ':before',
         )}) b (name, value)
           USING (name)
         WHERE a.value IS DISTINCT FROM b.value
       ) x LEFT JOIN write_keys k ON k.key_id = x.name
       ORDER BY x.name`,
      bindings,
    ),
  ]);
  const named = keys.map(key => ({
    ...key,
    name: key.name ?? undefined,
    createdBy: key.createdBy ?? undefined,
  }));
  const { bucketSeconds, bucketSecondsBefore } = head;
  return {
    generation: head.generation,
    publishedAt: head.publishedAt,
    eventTypes: head.eventTypes,
    writeKeys: head.writeKeys,
    changedTypes: changedTypes.map(({ eventType, before, after }) => ({
      eventType,
      ...(before && { before }),
      ...(after && { after }),
    })),
    addedKeys: named
      .filter(({ isNew }) => isNew)
      .map(({ keyId, name, createdBy }) => ({ keyId, name, createdBy })),
    endedKeys: named
      .filter(({ isGone }) => isGone)
      .map(({ keyId, name }) => ({ keyId, name })),
    changedKeys: named
      .filter(({ isNew, isGone }) => !isNew && !isGone)
      .map(({ keyId, name }) => ({ keyId, name })),
    ...(bucketSecondsBefore !== null &&
      bucketSecondsBefore !== bucketSeconds && {
        bucketSeconds: { before: bucketSecondsBefore, after: bucketSeconds },
      }),
  };
}

/** The elements of a list of a snapshot by their key; all three are of this file. */
function elementsOf(
  list: 'eventTypes' | 'writeKeys',
  key: 'name' | 'keyId',
  generation: ':generation' | ':before',
): string {
  return `SELECT e->>'${key}', e FROM config_snapshots,
    jsonb_array_elements(content->'${list}') e
    WHERE generation = ${generation}`;
}

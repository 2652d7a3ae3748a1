import { Knex } from 'knex';
import { inTransaction, queryRows } from '../../database/values';
import { LedgerError } from '../../errors';
import { RefusedEvent } from '../../types';
import { assertFencingToken } from '../leases/assertFencingToken';
import {
  insertIdFile,
  insertLandings,
  insertRefusedAtSealing,
  sealPartitionRow,
} from '../sealing/sealedRows';
import { sealResource } from '../sealing/sealResource';
import { REVISION_BATCHES_SQL } from './batchesSql';
import { lockOperation } from './lockOperation';
import { SealedRevisionFacts } from './prepareRevision';
import { removeReplacedIds, ReplacedIds } from './removeReplacedIds';
import { removeReplacedRefusals } from './removeReplacedRefusals';

const REFUSALS_AT_ONCE = 1_000;

/** One of the revisions of an operation. */
interface Change {
  bucketStart: Date;
  fromPartitionId: string;
  toPartitionId: string;
  deliveredBefore: number;
  facts: SealedRevisionFacts;
}

/**
 * Makes the revisions of a prepared operation the live ones, all at once.
 *
 * Guarantees, in one transaction:
 * - Under a stale fencing token nothing happens and `FencingError` is thrown.
 * - Readers see all the revisions there were, or all the new ones.
 * - The ids that count are those of live partitions: the replaced ones' go, the
 *   new ones' come. `id_files_changed` when they do not lie where the caller has
 *   found them, because they were merged meanwhile: look again.
 * - The batches belong to the new revisions, so that these can be made again;
 *   their fates and arrivals take the place of the replaced ones' in the books.
 * - An event is listed as refused as long as a live partition refuses it.
 * - Committing again changes nothing.
 *
 * The replaced partitions keep their rows, files and manifests.
 *
 * @public
 */
export async function commitRevision(
  db: Knex,
  options: {
    operationId: string;
    /** Of the lease on `sealResource`. */
    fencingToken: bigint;
    /** Where the ids of the replaced partitions lie. */
    replacedIds: ReplacedIds[];
  },
): Promise<void> {
  const { operationId, fencingToken, replacedIds } = options;
  await inTransaction(db, async tx => {
    const { eventType, state, isPrepared } = await lockOperation(tx, {
      operationId,
      states: ['running', 'done'],
    });
    await assertFencingToken(tx, {
      resource: sealResource(eventType),
      fencingToken,
    });
    if (state === 'done') {
      return;
    }
    if (!isPrepared) {
      throw new LedgerError(
        'revision_moved_on',
        `Operation ${operationId} is not prepared`,
      );
    }
    const changes = await readChanges(tx, operationId);
    await removeReplacedIds(tx, { eventType, changes, replacedIds });
    await supersede(tx, operationId);
    await handBatchesOver(tx, operationId);
    for (const change of changes) {
      await sealRevision(tx, eventType, change);
    }
    await removeReplacedRefusals(tx, { operationId });
    await followReplayedEvents(tx, operationId);
    await tx.raw(
      `UPDATE revision_operations SET state = 'done', finished_at = now(),
         step = NULL
       WHERE operation_id = :operationId`,
      { operationId },
    );
  });
}

async function readChanges(
  tx: Knex.Transaction,
  operationId: string,
): Promise<Change[]> {
  const rows = await queryRows<
    Omit<Change, 'deliveredBefore'> & { deliveredBefore: string }
  >(
    tx,
    `SELECT c.bucket_start AS "bucketStart",
       c.from_partition_id::text AS "fromPartitionId",
       c.to_partition_id::text AS "toPartitionId",
       p.delivered AS "deliveredBefore", c.sealed AS facts
     FROM revision_changes c
     JOIN partitions p ON p.partition_id = c.from_partition_id
     WHERE c.operation_id = :operationId ORDER BY c.bucket_start`,
    { operationId },
  );
  return rows.map(row => ({
    ...row,
    deliveredBefore: Number(row.deliveredBefore),
  }));
}

/** The staged files are the new revisions' from here on, and counted there. */
async function supersede(
  tx: Knex.Transaction,
  operationId: string,
): Promise<void> {
  await tx.raw(
    `UPDATE partitions p SET superseded_at = now(), staged_bytes = 0,
       staged_removed_at = coalesce(p.staged_removed_at, now())
     FROM revision_changes c
     WHERE c.operation_id = :operationId
       AND p.partition_id = c.from_partition_id`,
    { operationId },
  );
}

async function handBatchesOver(
  tx: Knex.Transaction,
  operationId: string,
): Promise<void> {
  await tx.raw(
    `UPDATE staged_batches s SET partition_id = c.to_partition_id,
       landing_start = c.bucket_start, landing_seconds = c.bucket_seconds
     FROM (${REVISION_BATCHES_SQL}) b
     JOIN revision_changes c ON c.operation_id = :operationId
       AND c.bucket_start = b.to_start
     WHERE s.event_type = b.event_type AND s.bucket_start = b.bucket_start
       AND s.gateway = b.gateway AND s.epoch = b.epoch AND s.batch = b.batch`,
    { operationId },
  );
}

async function sealRevision(
  tx: Knex.Transaction,
  eventType: string,
  { fromPartitionId, toPartitionId: partitionId, facts }: Change,
): Promise<void> {
  const sealedAt = new Date(facts.sealedAt);
  await tx.raw(
    `UPDATE partitions p SET
       ids_order = CASE WHEN :keepsOrder THEN replaced.ids_order END,
       first_sealed_at =
         coalesce(replaced.first_sealed_at, replaced.sealed_at)
     FROM partitions replaced
     WHERE p.partition_id = :partitionId
       AND replaced.partition_id = :fromPartitionId`,
    { partitionId, fromPartitionId, keepsOrder: facts.deliversNothingNew },
  );
  await sealPartitionRow(tx, { ...facts, partitionId, sealedAt });
  await insertArrivals(tx, partitionId);
  if (facts.ids) {
    await insertIdFile(tx, { ...facts.ids, eventType, partitionId, sealedAt });
  }
  const { landings } = facts;
  await insertLandings(tx, { eventType, landings, moved: true });
  for (let from = 0; ; from += REFUSALS_AT_ONCE) {
    const rows = await queryRows<{ refusal: string }>(
      tx,
      `SELECT refusal FROM revision_refusals
       WHERE to_partition_id = :partitionId AND position > :from
       ORDER BY position LIMIT :limit`,
      { partitionId, from, limit: REFUSALS_AT_ONCE },
    );
    await insertRefusedAtSealing(tx, {
      partitionId,
      events: rows.map(({ refusal }): RefusedEvent => JSON.parse(refusal)),
    });
    if (rows.length < REFUSALS_AT_ONCE) {
      break;
    }
  }
  await tx.raw(
    'DELETE FROM revision_refusals WHERE to_partition_id = :partitionId',
    { partitionId },
  );
}

/**
 * Where the events of a revision came from, as far as its sealing has not written
 * it: that knows the batches of a partition by whose they are, and those of a
 * revision are its own only now.
 */
async function insertArrivals(
  tx: Knex.Transaction,
  partitionId: string,
): Promise<void> {
  await tx.raw(
    `INSERT INTO partition_arrivals (partition_id, event_type, receive_start,
       gateway, epoch, batches, events, outside_batches, outside_events)
     SELECT s.partition_id, s.event_type, s.bucket_start, s.gateway, s.epoch,
       count(*), sum(s.events), count(*) FILTER (WHERE is_outside),
       coalesce(sum(s.events) FILTER (WHERE is_outside), 0)
     FROM staged_batches s LEFT JOIN gateway_bucket_counts d
       USING (event_type, bucket_start, gateway, epoch),
     LATERAL (SELECT coalesce(s.batch = ANY (d.abandoned_batches)
       OR s.batch > d.last_batch, false) AS is_outside) o
     WHERE s.partition_id = :partitionId
     GROUP BY s.partition_id, s.event_type, s.bucket_start, s.gateway, s.epoch
     ON CONFLICT DO NOTHING`,
    { partitionId },
  );
}

/** A replayed event that was proven in a replaced partition is in its successor. */
async function followReplayedEvents(
  tx: Knex.Transaction,
  operationId: string,
): Promise<void> {
  await tx.raw(
    `UPDATE replay_events e SET partition_id = home.to_partition_id
     FROM revision_changes c, replay_landings l, revision_changes home
     WHERE c.operation_id = :operationId
       AND e.partition_id = c.from_partition_id
       AND l.event_type = e.event_type AND l.event_key = e.event_key
       AND home.operation_id = c.operation_id
       AND home.bucket_start = l.bucket_start`,
    { operationId },
  );
}

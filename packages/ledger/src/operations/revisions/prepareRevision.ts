import { Knex } from 'knex';
import { inTransaction, queryCount, queryRows } from '../../database/values';
import { LedgerError } from '../../errors';
import {
  PartitionCounts,
  PartitionFile,
  RefusedEvent,
  ReplayLanding,
} from '../../types';
import { assertFencingToken } from '../leases/assertFencingToken';
import { assertIdsSeen } from '../sealing/sealedRows';
import { sealResource } from '../sealing/sealResource';
import { REVISION_BATCHES_SQL } from './batchesSql';
import { lockOperation } from './lockOperation';

const REFUSALS_AT_ONCE = 1_000;

/** What the commit writes of one revision. @public */
export interface SealedRevisionFacts {
  counts: PartitionCounts;
  files: PartitionFile[];
  /** The key of the manifest, and the hash of its bytes. */
  manifest: { path: string; sha256: string };
  schemaVersion: number;
  /** ISO 8601. */
  sealedAt: string;
  /** Missing when nothing is delivered. */
  ids?: { path: string; rows: number; bytes: number; sha256: string };
  /** It delivers nothing that the revision before did not deliver. */
  deliversNothingNew: boolean;
  landings: ReplayLanding[];
}

/** A revision all of whose files but the manifest are in the lake. @public */
export interface PreparedRevision {
  bucketStart: Date;
  facts: SealedRevisionFacts;
  /** The bytes that the manifest will have. */
  manifest: string;
  refused: RefusedEvent[];
}

/**
 * The point of no return: all files of all revisions are in the lake, under names
 * that no manifest has, and with this everything else is in the ledger, the
 * manifests byte for byte included. Whoever goes on needs neither staged files
 * nor the worker that has made them; and whoever puts a manifest puts the same.
 *
 * Guarantees: under a stale fencing token nothing happens; no other partition of
 * the type may be published and not yet sealed
 * (`another_partition_is_publishing`), and none can be until these are sealed; no
 * partition was sealed since ids were looked up (`event_ids_not_seen`); the books
 * close (`counts_do_not_balance`). Preparing again changes nothing.
 *
 * @throws LedgerError also with code `revision_moved_on`
 * @public
 */
export async function prepareRevision(
  db: Knex,
  options: {
    operationId: string;
    /** Of the lease on `sealResource`. */
    fencingToken: bigint;
    /** From `listIdFiles`, before the first event was compared. */
    seenThrough: string;
    revisions: PreparedRevision[];
  },
): Promise<void> {
  const { operationId, fencingToken, seenThrough, revisions } = options;
  await inTransaction(db, async tx => {
    const { eventType, isPrepared } = await lockOperation(tx, {
      operationId,
      states: ['running'],
    });
    await assertFencingToken(tx, {
      resource: sealResource(eventType),
      fencingToken,
    });
    if (isPrepared) {
      return;
    }
    const targets = await readTargets(tx, operationId);
    const partitionOf = (revision: PreparedRevision) => {
      const target = targets.get(revision.bucketStart.getTime());
      if (!target) {
        throw new LedgerError(
          'revision_moved_on',
          `Operation ${operationId} is not about bucket ${revision.bucketStart.toISOString()}`,
        );
      }
      return target;
    };
    if (targets.size !== revisions.length) {
      throw new LedgerError(
        'revision_moved_on',
        `Operation ${operationId} is about ${targets.size} partitions, not ${revisions.length}`,
      );
    }
    await markPublishing(tx, operationId, eventType);
    for (const revision of revisions) {
      const { partitionId, events } = partitionOf(revision);
      assertBooksClose(partitionId, events, revision.facts);
      await assertIdsSeen(tx, { eventType, partitionId, seenThrough });
      await keep(tx, operationId, partitionId, revision);
    }
    await tx.raw(
      `UPDATE revision_operations SET prepared_at = now(), step = 'publishing'
       WHERE operation_id = :operationId`,
      { operationId },
    );
  });
}

async function readTargets(
  tx: Knex.Transaction,
  operationId: string,
): Promise<Map<number, { partitionId: string; events: number }>> {
  const rows = await queryRows<{
    bucketStart: Date;
    partitionId: string;
    events: string;
  }>(
    tx,
    `SELECT c.bucket_start AS "bucketStart",
       c.to_partition_id::text AS "partitionId",
       coalesce(sum(b.events), 0) AS events
     FROM revision_changes c
     LEFT JOIN (${REVISION_BATCHES_SQL}) b ON b.to_start = c.bucket_start
     WHERE c.operation_id = :operationId AND c.to_partition_id IS NOT NULL
     GROUP BY c.bucket_start, c.to_partition_id`,
    { operationId },
  );
  return new Map(
    rows.map(row => [
      row.bucketStart.getTime(),
      { partitionId: row.partitionId, events: Number(row.events) },
    ]),
  );
}

/**
 * One of the partitions is marked for all: a unique index lets one of a type be,
 * and the first sealings of the type wait for it like for one of their own.
 */
async function markPublishing(
  tx: Knex.Transaction,
  operationId: string,
  eventType: string,
): Promise<void> {
  const marked = await queryCount(
    tx,
    `UPDATE partitions SET publishing_since = now()
     WHERE partition_id = (
         SELECT min(to_partition_id) FROM revision_changes
         WHERE operation_id = :operationId)
       AND NOT EXISTS (
         SELECT FROM partitions o
         WHERE o.event_type = :eventType AND o.state = 'sealing'
           AND o.publishing_since IS NOT NULL)`,
    { operationId, eventType },
  );
  if (marked === 0) {
    throw new LedgerError(
      'another_partition_is_publishing',
      `Operation ${operationId} has to wait: a partition of ${eventType} may be published and is not sealed yet`,
    );
  }
}

function assertBooksClose(
  partitionId: string,
  events: number,
  { counts, ids }: SealedRevisionFacts,
): void {
  const { accepted, delivered, duplicates, refused } = counts;
  if (
    accepted !== delivered + duplicates + refused ||
    accepted !== events ||
    delivered !== (ids?.rows ?? 0)
  ) {
    throw new LedgerError(
      'counts_do_not_balance',
      `Partition ${partitionId}: its batches hold ${events} events; ${accepted} were accepted, ${delivered} delivered with ${
        ids?.rows ?? 0
      } ids, ${duplicates} are duplicates and ${refused} refused`,
    );
  }
}

async function keep(
  tx: Knex.Transaction,
  operationId: string,
  partitionId: string,
  { bucketStart, facts, manifest, refused }: PreparedRevision,
): Promise<void> {
  await tx.raw(
    `UPDATE revision_changes SET sealed = :facts::jsonb, manifest = :manifest
     WHERE operation_id = :operationId AND bucket_start = :bucketStart`,
    { operationId, bucketStart, facts: JSON.stringify(facts), manifest },
  );
  await tx.raw(
    'DELETE FROM revision_refusals WHERE to_partition_id = :partitionId',
    { partitionId },
  );
  for (let from = 0; from < refused.length; from += REFUSALS_AT_ONCE) {
    await tx.raw(
      `INSERT INTO revision_refusals (to_partition_id, position, refusal)
       SELECT :partitionId, :from + n, refusal
       FROM unnest(:refusals::text[]) WITH ORDINALITY AS r (refusal, n)`,
      {
        partitionId,
        from,
        // As JSON: a text of the database can hold no NUL, but its escape.
        refusals: refused
          .slice(from, from + REFUSALS_AT_ONCE)
          .map(event => JSON.stringify(event)),
      },
    );
  }
}

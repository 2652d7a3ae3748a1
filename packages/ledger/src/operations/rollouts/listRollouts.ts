import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { RolloutChange } from './recordRollout';

/** What one generation changed. @public */
export interface RolloutRecord {
  generation: number;
  publishedAt: Date;
  eventTypes: number;
  writeKeys: number;
  /** The first of them. */
  changes: RolloutChange[];
  changeCount: number;
  /** When every part ran it, or a later one. */
  everywhereAt?: Date;
}

/** @public */
export interface ListRolloutsOptions {
  /** Only generations below. */
  before?: number;
  limit: number;
}

/**
 * The history of rollouts, newest first.
 *
 * @public
 */
export async function listRollouts(
  db: Knex,
  options: ListRolloutsOptions,
): Promise<RolloutRecord[]> {
  const rows = await queryRows<
    Omit<RolloutRecord, 'everywhereAt'> & { everywhereAt: Date | null }
  >(
    db,
    `SELECT generation, published_at AS "publishedAt",
       event_types AS "eventTypes", write_keys AS "writeKeys", changes,
       change_count AS "changeCount", everywhere_at AS "everywhereAt"
     FROM rollouts
     WHERE :before::integer IS NULL OR generation < :before
     ORDER BY generation DESC LIMIT :limit`,
    { before: options.before ?? null, limit: options.limit },
  );
  return rows.map(row => ({
    ...row,
    everywhereAt: row.everywhereAt ?? undefined,
  }));
}

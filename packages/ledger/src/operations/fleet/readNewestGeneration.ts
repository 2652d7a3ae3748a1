import { Knex } from 'knex';
import { queryRows } from '../../database/values';

/** The newest config snapshot, and the clock by which all this is told. @public */
export interface NewestGeneration {
  /** Missing until there is one. */
  generation?: number;
  createdAt?: Date;
  /** The database's clock. */
  readAt: Date;
}

/**
 * Which config gateways and workers are to run, without its content.
 *
 * @public
 */
export async function readNewestGeneration(
  db: Knex,
): Promise<NewestGeneration> {
  const [row] = await queryRows<{
    generation: number | null;
    createdAt: Date | null;
    readAt: Date;
  }>(
    db,
    `SELECT now() AS "readAt", s.generation, s.created_at AS "createdAt"
     FROM (SELECT) AS one
     LEFT JOIN LATERAL (
       SELECT generation, created_at FROM config_snapshots
       ORDER BY generation DESC LIMIT 1
     ) s ON true`,
  );
  return {
    generation: row.generation ?? undefined,
    createdAt: row.createdAt ?? undefined,
    readAt: row.readAt,
  };
}

import { Knex } from 'knex';

/**
 * Ends a gateway's life after its drain: everything is declared and nothing
 * more will come, so buckets after `endedAt` no longer wait for it. Idempotent;
 * the first end stands.
 *
 * @public
 */
export async function endGateway(
  db: Knex,
  options: { gateway: string; epoch: string; endedAt: Date },
): Promise<void> {
  await db.raw(
    `UPDATE gateways SET ended_at = coalesce(ended_at, :endedAt)
     WHERE gateway = :gateway AND epoch = :epoch`,
    {
      gateway: options.gateway,
      epoch: options.epoch,
      endedAt: options.endedAt,
    },
  );
}

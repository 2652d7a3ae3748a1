import { Knex } from 'knex';

/** @public */
export interface RecordWriteKeyUsesOptions {
  gateway: string;
  epoch: string;
  /** Counts since the start of this life of the gateway. */
  uses: {
    keyId: string;
    requests: number;
    events: number;
    refusedRequests: number;
    lastUsedAt: Date;
  }[];
}

/**
 * Records what a gateway has seen of write keys.
 *
 * Guarantees: one row per key and gateway, however often it starts; idempotent,
 * because counts are totals of a life and never get smaller; a report that an
 * earlier life sent late changes nothing. Keys the ledger does not have (it was
 * restored) are left out.
 *
 * @public
 */
export async function recordWriteKeyUses(
  db: Knex,
  options: RecordWriteKeyUsesOptions,
): Promise<void> {
  await db.raw(
    `INSERT INTO write_key_uses AS u (key_id, gateway, epoch, requests, events,
       refused_requests, last_used_at)
     SELECT n."keyId", :gateway, :epoch, n.requests, n.events,
       n."refusedRequests", n."lastUsedAt"
     FROM jsonb_to_recordset(:uses::jsonb) AS n ("keyId" text,
       requests bigint, events bigint, "refusedRequests" bigint,
       "lastUsedAt" timestamptz)
     JOIN write_keys k ON k.key_id = n."keyId"
     -- In one order, so that gateways that report at once do not deadlock.
     ORDER BY n."keyId"
     ON CONFLICT (key_id, gateway) DO UPDATE SET
       earlier_requests = u.earlier_requests
         + CASE WHEN u.epoch = :epoch THEN 0 ELSE u.requests END,
       earlier_events = u.earlier_events
         + CASE WHEN u.epoch = :epoch THEN 0 ELSE u.events END,
       earlier_refused_requests = u.earlier_refused_requests
         + CASE WHEN u.epoch = :epoch THEN 0 ELSE u.refused_requests END,
       requests = CASE WHEN u.epoch = :epoch
         THEN greatest(u.requests, excluded.requests)
         ELSE excluded.requests END,
       events = CASE WHEN u.epoch = :epoch
         THEN greatest(u.events, excluded.events)
         ELSE excluded.events END,
       refused_requests = CASE WHEN u.epoch = :epoch
         THEN greatest(u.refused_requests, excluded.refused_requests)
         ELSE excluded.refused_requests END,
       last_used_at = greatest(u.last_used_at, excluded.last_used_at),
       epoch = :epoch
     -- Epochs are version 7 UUIDs: a later life has the greater one.
     WHERE u.epoch <= :epoch`,
    {
      gateway: options.gateway,
      epoch: options.epoch,
      uses: JSON.stringify(options.uses),
    },
  );
}

import { Knex } from 'knex';
import { queryRows } from '../../database/values';
import { WriteKeyKind } from '../../types';

/** What one gateway has seen of a write key, in all its lives. @public */
export interface WriteKeyUseRecord {
  gateway: string;
  requests: number;
  events: number;
  refusedRequests: number;
  lastUsedAt: Date;
}

/** A write key as people may see it: without anything of its secret. @public */
export interface WriteKeyRecord {
  keyId: string;
  name: string;
  producer?: string;
  /** Entity ref of who answers for it. */
  owner: string;
  kind: WriteKeyKind;
  eventTypes?: string[];
  eventsPerSecond?: number;
  createdAt: Date;
  createdBy: string;
  /** By the database's clock. */
  state: 'live' | 'expired' | 'revoked';
  expiresAt?: Date;
  revokedAt?: Date;
  /** The key it was made to replace. */
  replaces?: string;
  /** What Millrace made it for itself; missing for the key of a producer. */
  purpose?: 'replay' | 'test-event';
  /** By gateway, the one that saw it last first. */
  uses: WriteKeyUseRecord[];
}

type Row = {
  [Field in keyof Omit<
    WriteKeyRecord,
    'uses'
  >]-?: undefined extends WriteKeyRecord[Field]
    ? Exclude<WriteKeyRecord[Field], undefined> | null
    : WriteKeyRecord[Field];
} & {
  uses: (Omit<WriteKeyUseRecord, 'lastUsedAt'> & { lastUsedAt: string })[];
};

/**
 * All write keys, revoked ones included, newest first; or one.
 *
 * @public
 */
export async function listWriteKeys(
  db: Knex,
  options: { keyId?: string } = {},
): Promise<WriteKeyRecord[]> {
  const rows = await queryRows<Row>(
    db,
    `SELECT key_id AS "keyId", name, producer, owner, kind,
       event_types AS "eventTypes", events_per_second AS "eventsPerSecond",
       created_at AS "createdAt", created_by AS "createdBy",
       CASE WHEN revoked_at IS NOT NULL THEN 'revoked'
         WHEN expires_at <= now() THEN 'expired'
         ELSE 'live' END AS state,
       expires_at AS "expiresAt", revoked_at AS "revokedAt", replaces, purpose,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
          'gateway', gateway,
          'requests', requests + earlier_requests,
          'events', events + earlier_events,
          'refusedRequests', refused_requests + earlier_refused_requests,
          'lastUsedAt', last_used_at
        ) ORDER BY last_used_at DESC, gateway), '[]')
        FROM write_key_uses u WHERE u.key_id = k.key_id) AS uses
     FROM write_keys k
     WHERE :keyId::text IS NULL OR key_id = :keyId
     ORDER BY created_at DESC, key_id`,
    { keyId: options.keyId ?? null },
  );
  return rows.map(row => ({
    ...row,
    producer: row.producer ?? undefined,
    eventTypes: row.eventTypes ?? undefined,
    eventsPerSecond: row.eventsPerSecond ?? undefined,
    expiresAt: row.expiresAt ?? undefined,
    revokedAt: row.revokedAt ?? undefined,
    replaces: row.replaces ?? undefined,
    purpose: row.purpose ?? undefined,
    uses: row.uses.map(use => ({
      ...use,
      lastUsedAt: new Date(use.lastUsedAt),
    })),
  }));
}

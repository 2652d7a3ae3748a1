import type { WriteKeyRecord, WriteKeyUseRecord } from '@millrace/ledger';
import type { WriteKey, WriteKeyUse } from '@millrace/plugin-delivery-common';

/** A write key of the ledger as the API tells it. */
export function toWriteKey(record: WriteKeyRecord): WriteKey {
  const { createdAt, expiresAt, revokedAt, uses, ...rest } = record;
  return {
    ...rest,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString(),
    revokedAt: revokedAt?.toISOString(),
    use: toUse(uses),
  };
}

function toUse(uses: WriteKeyUseRecord[]): WriteKeyUse {
  const sum = (count: (use: WriteKeyUseRecord) => number) =>
    uses.reduce((total, use) => total + count(use), 0);
  return {
    requests: sum(use => use.requests),
    events: sum(use => use.events),
    refusedRequests: sum(use => use.refusedRequests),
    // They come with the newest first.
    lastUsedAt: uses.at(0)?.lastUsedAt.toISOString(),
    gateways: uses.map(use => ({
      ...use,
      lastUsedAt: use.lastUsedAt.toISOString(),
    })),
  };
}

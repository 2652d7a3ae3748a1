import { NotFoundError } from '@backstage/errors';
import {
  listPoisonBatches,
  type PoisonBatchRecord,
  requestPoisonRetry,
} from '@millrace/ledger';
import type {
  PoisonBatch,
  PoisonBatches,
} from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';

const MAX_LISTED = 200;

/**
 * Tells which messages were set aside, never what is in them, and has them tried
 * again. It checks no permissions.
 */
export class PoisonDesk {
  readonly #ledger: Knex;

  constructor(options: { ledger: Knex }) {
    this.#ledger = options.ledger;
  }

  async list(eventType: string): Promise<PoisonBatches> {
    const { items, open } = await listPoisonBatches(this.#ledger, {
      eventType,
      limit: MAX_LISTED,
    });
    return { items: items.map(toPoisonBatch), open };
  }

  /** @throws NotFoundError */
  async retry(request: {
    eventType: string;
    poisonId: string;
    requestedBy: string;
  }): Promise<void> {
    if (!(await requestPoisonRetry(this.#ledger, request))) {
      throw new NotFoundError(
        'There is no message of that id that was set aside and is not resolved',
      );
    }
  }
}

function toPoisonBatch(record: PoisonBatchRecord): PoisonBatch {
  const { retryRequestedAt, retryRequestedBy, batch, ...rest } = record;
  return {
    ...rest,
    publishedAt: record.publishedAt.toISOString(),
    recordedAt: record.recordedAt.toISOString(),
    resolvedAt: record.resolvedAt?.toISOString(),
    retry: retryRequestedAt && {
      requestedAt: retryRequestedAt.toISOString(),
      requestedBy: retryRequestedBy ?? '',
    },
    batch: batch && { ...batch, bucketStart: batch.bucketStart.toISOString() },
  };
}

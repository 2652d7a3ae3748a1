import { randomUUID } from 'node:crypto';
import { ConflictError, NotFoundError } from '@backstage/errors';
import {
  approveRevision,
  cancelRevision,
  getRevision,
  LedgerError,
  type LedgerErrorCode,
  listRevisions,
  requestRevision,
  type RevisionRecord,
} from '@millrace/ledger';
import type {
  RevisionKind,
  RevisionList,
  RevisionOperation,
} from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import { formatRevisionCursor, type RevisionCursor } from './cursor';
import { toOperation } from './toOperation';

/** What the ledger refuses because of how things stand, not because of us. */
const CONFLICTS: readonly LedgerErrorCode[] = [
  'partition_not_sealed',
  'staged_files_gone',
  'nothing_to_reshuffle',
  'revision_in_progress',
  'revision_not_previewed',
  'revision_expired',
  'revision_not_cancellable',
];

/**
 * Takes orders to make sealed partitions again, and tells how they stand. The
 * work is the workers': an order is data, found by whoever seals the event type,
 * and goes on whatever becomes of this process. It checks no permissions.
 */
export class RevisionDesk {
  readonly #ledger: Knex;
  readonly #now: () => Date;

  constructor(options: { ledger: Knex; now: () => Date }) {
    this.#ledger = options.ledger;
    this.#now = options.now;
  }

  /**
   * Asks for a preview. Nothing is changed by it.
   *
   * @throws ConflictError with the ledger's reason in `code`
   */
  async request(request: {
    eventType: string;
    kind: RevisionKind;
    buckets: Date[];
    requestedBy: string;
  }): Promise<RevisionOperation> {
    return await this.#answer(() =>
      requestRevision(this.#ledger, {
        ...request,
        operationId: randomUUID(),
        now: this.#now(),
      }),
    );
  }

  /** Newest first. */
  async list(request: {
    eventType: string;
    limit: number;
    before?: RevisionCursor;
  }): Promise<RevisionList> {
    const { limit } = request;
    const records = await listRevisions(this.#ledger, {
      ...request,
      limit: limit + 1,
    });
    const page = records.slice(0, limit);
    return {
      items: page.map(toOperation),
      nextBefore:
        records.length > limit
          ? formatRevisionCursor(page[page.length - 1])
          : undefined,
    };
  }

  /** @throws NotFoundError when there is none, or it is of another event type */
  async get(request: {
    eventType: string;
    operationId: string;
  }): Promise<RevisionOperation> {
    const { eventType, operationId } = request;
    const record = await getRevision(this.#ledger, { operationId });
    if (record?.eventType !== eventType) {
      throw new NotFoundError(
        `There is no operation of that id for the event type '${eventType}'`,
      );
    }
    return toOperation(record);
  }

  /**
   * Has what was previewed made: exactly that, or nothing.
   *
   * @throws NotFoundError, ConflictError with the ledger's reason in `code`
   */
  async approve(request: {
    eventType: string;
    operationId: string;
    approvedBy: string;
    reason: string;
  }): Promise<RevisionOperation> {
    const { operationId, approvedBy, reason } = request;
    await this.get(request);
    return await this.#answer(() =>
      approveRevision(this.#ledger, {
        operationId,
        approvedBy,
        reason,
        now: this.#now(),
      }),
    );
  }

  /**
   * Ends an operation without a result.
   *
   * @throws NotFoundError, ConflictError with the ledger's reason in `code`
   */
  async cancel(request: {
    eventType: string;
    operationId: string;
  }): Promise<RevisionOperation> {
    const { operationId } = request;
    await this.get(request);
    return await this.#answer(() =>
      cancelRevision(this.#ledger, { operationId, now: this.#now() }),
    );
  }

  async #answer(
    run: () => Promise<RevisionRecord>,
  ): Promise<RevisionOperation> {
    try {
      return toOperation(await run());
    } catch (error) {
      if (error instanceof LedgerError && CONFLICTS.includes(error.code)) {
        // Travels with the answer, for programs; people read the message.
        throw Object.assign(new ConflictError(error.message), {
          code: error.code,
        });
      }
      throw error;
    }
  }
}

import { NotFoundError } from '@backstage/errors';
import {
  acknowledgeAuditFinding,
  type AuditFindingRecord,
  getAuditFinding,
  listAuditFindings,
  type ListAuditFindingsOptions,
  listPartitionAudits,
  summarizeAudits,
} from '@millrace/ledger';
import type {
  AuditCoverage,
  AuditFinding,
  AuditFindingList,
  PartitionAuditList,
} from '@millrace/plugin-delivery-common';
import type { Knex } from 'knex';
import { type FindingCursor, formatFindingCursor } from './cursor';

/**
 * Reads what the auditor found and how far it has come. It checks no
 * permissions: what may be seen is what the caller asks for.
 */
export class AuditReader {
  readonly #ledger: Knex;
  readonly #now: () => Date;
  readonly #cycleSeconds: number;

  constructor(options: {
    ledger: Knex;
    now: () => Date;
    /** Within which the auditor comes round. */
    cycleSeconds: number;
  }) {
    this.#ledger = options.ledger;
    this.#now = options.now;
    this.#cycleSeconds = options.cycleSeconds;
  }

  async list(
    request: Omit<ListAuditFindingsOptions, 'before'> & {
      cursor?: FindingCursor;
    },
  ): Promise<AuditFindingList> {
    const { cursor, limit, ...filter } = request;
    const records = await listAuditFindings(this.#ledger, {
      ...filter,
      before: cursor,
      limit: limit + 1,
    });
    const page = records.slice(0, limit);
    return {
      items: page.map(toFinding),
      nextCursor:
        records.length > limit
          ? formatFindingCursor(page[page.length - 1])
          : undefined,
    };
  }

  /** @throws NotFoundError */
  async get(findingId: string): Promise<AuditFinding> {
    return toFinding(
      expectFinding(await getAuditFinding(this.#ledger, { findingId })),
    );
  }

  /** @throws NotFoundError when there is none, or it is resolved by now */
  async acknowledge(request: {
    findingId: string;
    by: string;
    why: string;
  }): Promise<AuditFinding> {
    return toFinding(
      expectFinding(await acknowledgeAuditFinding(this.#ledger, request)),
    );
  }

  /** @param eventTypes - `undefined` is all there ever were */
  async coverage(eventTypes?: string[]): Promise<AuditCoverage> {
    const summary = await summarizeAudits(this.#ledger, {
      since: new Date(this.#now().getTime() - this.#cycleSeconds * 1000),
      eventTypes,
    });
    const { openCritical, openWarnings, acknowledged } = summary;
    return {
      cycleSeconds: this.#cycleSeconds,
      livePartitions: summary.livePartitions,
      auditedWithinCycle: summary.auditedSince,
      neverAudited: summary.neverAudited,
      oldestAuditAt: summary.oldestAuditAt?.toISOString(),
      newestAuditAt: summary.newestAuditAt?.toISOString(),
      findings: { openCritical, openWarnings, acknowledged },
    };
  }

  async audits(request: {
    eventType: string;
    before?: Date;
    bucketStart?: Date;
    limit: number;
  }): Promise<PartitionAuditList> {
    const records = await listPartitionAudits(this.#ledger, request);
    return {
      items: records.map(({ bucketStart, revision, audit, findings }) => ({
        bucketStart: bucketStart.toISOString(),
        revision,
        audit: audit && {
          ...audit,
          auditedAt: audit.auditedAt.toISOString(),
        },
        findings,
      })),
    };
  }
}

function expectFinding(
  record: AuditFindingRecord | undefined,
): AuditFindingRecord {
  if (!record) {
    throw new NotFoundError(
      'There is no finding of that id, or it is resolved by now',
    );
  }
  return record;
}

function toFinding(record: AuditFindingRecord): AuditFinding {
  const { acknowledged } = record;
  return {
    ...record,
    bucketStart: record.bucketStart?.toISOString(),
    firstSeenAt: record.firstSeenAt.toISOString(),
    lastSeenAt: record.lastSeenAt.toISOString(),
    acknowledged: acknowledged && {
      ...acknowledged,
      at: acknowledged.at.toISOString(),
    },
    resolvedAt: record.resolvedAt?.toISOString(),
  };
}

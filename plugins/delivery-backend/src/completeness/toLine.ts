import {
  type BatchFinding as BatchFindingRecord,
  completenessOf,
  inFlightOf,
  type LedgerLine as LedgerLineRecord,
} from '@millrace/ledger';
import type {
  BatchFinding,
  LedgerLine,
} from '@millrace/plugin-delivery-common';

export function toLine(record: LedgerLineRecord): LedgerLine {
  const { accepted, delivered, duplicates, refused } = record;
  const { staged, unreadable, notArrived, missingBatches } = record;
  return {
    accepted,
    delivered,
    duplicates,
    refused,
    inFlight: {
      total: inFlightOf(record),
      staged,
      unreadable,
      notArrived,
      missingBatches,
    },
    difference: record.difference,
    isDeclared: record.isDeclared,
    completeness: completenessOf(record),
  };
}

/** The line of a bucket or day in which nothing was accepted. */
export const EMPTY_LINE: LedgerLineRecord = {
  accepted: 0,
  delivered: 0,
  duplicates: 0,
  refused: 0,
  staged: 0,
  unreadable: 0,
  notArrived: 0,
  missingBatches: 0,
  difference: 0,
  isDeclared: false,
};

export function toBatchFinding(record: BatchFindingRecord): BatchFinding {
  const { bucketStart, gateway, epoch, kind, batch, events } = record;
  return {
    bucketStart: bucketStart.toISOString(),
    gateway,
    epoch,
    kind,
    batch,
    events,
    foundAt: record.foundAt.toISOString(),
    resolvedAt: record.resolvedAt?.toISOString(),
  };
}

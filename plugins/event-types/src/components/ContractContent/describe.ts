import {
  type Status,
  formatCountOf,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import type {
  ContractFinding,
  ContractReport,
  ContractServiceLevel,
} from '@millrace/plugin-event-types-common';

type LevelStatus = ContractServiceLevel['status'];

function countOf(levels: ContractServiceLevel[], status: LevelStatus): number {
  return levels.filter(each => each.status === status).length;
}

/** How many promises there are, and what becomes of them. */
export function describePromises(levels: ContractServiceLevel[]): string {
  if (levels.length === 0) {
    return 'No service level is promised';
  }
  const measured = countOf(levels, 'measured');
  const promises = formatCountOf(levels.length, 'promise');
  if (measured === levels.length) {
    return levels.length === 1
      ? '1 promise, and Millrace measures it'
      : `${promises}, and Millrace measures all of them`;
  }
  const differs = countOf(levels, 'differs');
  const declared = countOf(levels, 'declared only');
  const parts = [
    `${measured} measured`,
    ...(differs ? [`${differs} measured against another objective`] : []),
    ...(declared ? [`${declared} declared only`] : []),
  ];
  return `${promises}: ${parts.join(', ')}`;
}

/** Who wrote it, and when. */
export function describeSource(report: ContractReport): string {
  const { source, importedAt, importedBy } = report;
  if (source === 'generated') {
    return 'Generated from what is registered and how this installation delivers. Nobody has imported one.';
  }
  const at = importedAt ? ` on ${formatUtcDateTime(importedAt)}` : '';
  const by = importedBy ? ` by ${importedBy}` : '';
  return `Imported${at}${by}. Where the schema has come to contradict it, what is given out is corrected.`;
}

/** Attention where somebody relies on what nobody is told about. */
export function statusOf({
  serviceLevels,
  findings,
}: ContractReport): Status | undefined {
  if (
    countOf(serviceLevels, 'differs') > 0 ||
    findings.some(({ severity }) => severity !== 'note')
  ) {
    return 'attention';
  }
  return countOf(serviceLevels, 'measured') > 0 ? 'good' : undefined;
}

/** The findings by severity, as `1 error, 2 warnings`. */
export function describeFindings(findings: ContractFinding[]): string {
  return (['error', 'warning', 'note'] as const)
    .map(severity => ({
      severity,
      count: findings.filter(each => each.severity === severity).length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => formatCountOf(count, severity))
    .join(', ');
}

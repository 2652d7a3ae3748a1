import {
  type Status,
  formatCount,
  formatDuration,
} from '@millrace/plugin-data-platform-react';
import type {
  AuditCoverage,
  AuditFinding,
} from '@millrace/plugin-delivery-common';

/** The answer of the page in one line: is the lake what was sealed? */
export function describeAudit(coverage: AuditCoverage): string {
  const { openCritical, openWarnings, acknowledged } = coverage.findings;
  const parts = [
    openCritical > 0 && `${formatCount(openCritical)} critical`,
    openWarnings > 0 && `${formatCount(openWarnings)} to look at`,
    acknowledged > 0 && `${formatCount(acknowledged)} acknowledged`,
  ].filter(part => part !== false);
  return parts.length === 0
    ? 'Everything the auditor has read is as it was sealed'
    : `The auditor found something wrong: ${parts.join(', ')}`;
}

/** How it is: acknowledged findings are seen to, and still not as sealed. */
export function auditStatus(coverage: AuditCoverage): Status {
  const { openCritical, openWarnings, acknowledged } = coverage.findings;
  if (openCritical > 0) {
    return 'bad';
  }
  return openWarnings + acknowledged > 0 ? 'attention' : 'good';
}

/** How far the auditor has come. */
export function describeCoverage(coverage: AuditCoverage): string {
  const { livePartitions, auditedWithinCycle, neverAudited } = coverage;
  const cycle = formatDuration(coverage.cycleSeconds * 1000);
  if (livePartitions === 0) {
    return 'No partition is sealed yet.';
  }
  const never =
    neverAudited > 0
      ? ` ${formatCount(neverAudited)} were never audited yet.`
      : '';
  return `${formatCount(auditedWithinCycle)} of ${formatCount(
    livePartitions,
  )} live partitions were audited within the last ${cycle}.${never}`;
}

/** Whose events or batches a finding is about, where it can be told. */
export function describeOrigin(finding: AuditFinding): string {
  const { producer, gateway } = finding;
  const parts: string[] = [];
  if (producer) {
    const { epoch, firstSequence, lastSequence } = producer;
    parts.push(
      `producer ${producer.producer}`,
      ...(epoch ? [`epoch ${epoch}`] : []),
      ...(firstSequence !== undefined && lastSequence !== undefined
        ? [`sequence ${range(firstSequence, lastSequence)}`]
        : []),
    );
  }
  if (gateway) {
    const { firstBatch, lastBatch } = gateway;
    parts.push(
      `gateway ${gateway.gateway}`,
      `epoch ${gateway.epoch}`,
      ...(firstBatch !== undefined && lastBatch !== undefined
        ? [`batches ${range(firstBatch, lastBatch)}`]
        : []),
    );
  }
  return parts.join(', ');
}

function range(first: number, last: number): string {
  return first === last ? String(first) : `${first} to ${last}`;
}

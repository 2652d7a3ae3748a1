import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Link, Text } from '@backstage/ui';
import {
  StatusBadge,
  formatBytes,
  formatCountOf,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import type {
  PartitionAudit,
  PartitionDetail,
} from '@millrace/plugin-delivery-common';
import { auditRouteRef } from '../../routes';

/** Whether the auditor has counted the files of the revision anew, and agrees. */
export function AuditVerdict(props: {
  partition: PartitionDetail;
  audit?: PartitionAudit;
}) {
  const { partition, audit } = props;
  const auditLink = useRouteRef(auditRouteRef);
  if (!audit || audit.revision !== partition.revision) {
    return null;
  }
  const { findings } = audit;
  return (
    <section aria-label="Audit">
      <Text as="h3" variant="title-x-small" weight="bold">
        Audit
      </Text>
      <Text as="p">
        {findings > 0 && (
          <StatusBadge status="bad">
            {formatCountOf(findings, 'open finding')}
          </StatusBadge>
        )}
        {findings === 0 &&
          (audit.audit ? (
            <StatusBadge status="good">no finding</StatusBadge>
          ) : (
            <StatusBadge status="waiting">not audited yet</StatusBadge>
          ))}{' '}
        {audit.audit
          ? `Counted anew from its files ${formatCountOf(
              audit.audit.audits,
              'time',
            )}, last at ${formatUtcDateTime(
              audit.audit.auditedAt,
            )}: ${formatCountOf(audit.audit.rowsRead, 'row')}, ${formatBytes(
              audit.audit.bytesRead,
            )}.`
          : 'The auditor counts new partitions within seconds, and each again within its cycle.'}{' '}
        {findings > 0 && auditLink && (
          <Link href={auditLink()}>See the findings</Link>
        )}
      </Text>
    </section>
  );
}

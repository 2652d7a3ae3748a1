import { useRouteRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { ButtonLink } from '@backstage/ui';
import {
  type AuditFinding,
  type AuditFindingCode,
  partitionRevisePermission,
} from '@millrace/plugin-delivery-common';
import { operationsRouteRef } from '../../routes';
import { repairSearch } from '../Revisions';

/** What is mended by building the partition again from its own batches. */
const REDELIVERABLE: readonly AuditFindingCode[] = [
  'manifest_missing',
  'manifest_unreadable',
  'file_missing',
  'file_size_differs',
  'file_hash_differs',
  'file_unreadable',
  'file_rows_differ',
];

/**
 * Leads from a lost or damaged file to the preview of a redelivery, for who may
 * decide about one. Draws nothing for other findings.
 */
export function RepairFinding(props: { finding: AuditFinding }) {
  const { code, eventType, bucketStart } = props.finding;
  const operationsLink = useRouteRef(operationsRouteRef);
  const { allowed } = usePermission({ permission: partitionRevisePermission });
  if (
    !allowed ||
    !operationsLink ||
    bucketStart === undefined ||
    !REDELIVERABLE.includes(code)
  ) {
    return null;
  }
  const search = repairSearch({
    eventType,
    kind: 'redeliver',
    buckets: [bucketStart],
  });
  return (
    <ButtonLink
      variant="tertiary"
      href={`${operationsLink()}?${search}`}
      aria-label={`Repair the partition of ${eventType} that ${code} is about`}
    >
      Repair
    </ButtonLink>
  );
}

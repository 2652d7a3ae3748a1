import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Button, ButtonLink, Skeleton, Text } from '@backstage/ui';
import {
  EmptyState,
  PageFrame,
  PlainTable,
  ProblemPanel,
  StatusBadge,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import type { AuditFinding } from '@millrace/plugin-delivery-common';
import { RiCheckDoubleLine } from '@remixicon/react';
import { useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { rootRouteRef } from '../../routes';
import { AcknowledgeFinding } from './AcknowledgeFinding';
import {
  describeAudit,
  describeCoverage,
  describeOrigin,
} from './describeAudit';
import { RepairFinding } from './RepairFinding';
import { useAudit } from './useAudit';

const COLUMNS = [
  { id: 'severity', label: 'State' },
  { id: 'where', label: 'Where' },
  { id: 'what', label: 'What' },
  { id: 'seen', label: 'First seen' },
  { id: 'action', label: 'Seen to' },
];

/** Is the lake what was sealed? */
export function AuditPage() {
  const [search] = useSearchParams();
  const eventType = search.get('eventType') ?? undefined;
  const { value, error, isLoading, reload } = useAudit(eventType);
  const overviewLink = useRouteRef(rootRouteRef);
  return (
    <PageFrame
      title="Audit"
      answer={value && describeAudit(value.coverage)}
      actions={
        overviewLink && (
          <ButtonLink href={overviewLink()} variant="tertiary">
            Delivery of all event types
          </ButtonLink>
        )
      }
    >
      {isLoading && <Skeleton width="100%" height={240} />}
      {error && (
        <ProblemPanel
          what="What the auditor found could not be loaded."
          error={error}
          onRetry={reload}
        />
      )}
      {value && (
        <Text as="p" color="secondary">
          {describeCoverage(value.coverage)}
        </Text>
      )}
      {value?.findings.items.length === 0 && (
        <EmptyState
          icon={<RiCheckDoubleLine size={32} />}
          title="No findings"
          description="The auditor reads every sealed partition anew and follows its events back to what the gateways declared. What does not fit is listed here until a later audit does not find it any more."
        />
      )}
      {value && value.findings.items.length > 0 && (
        <PlainTable caption="What the auditor found" columns={COLUMNS}>
          {value.findings.items.map(finding => (
            <FindingRow
              key={finding.findingId}
              finding={finding}
              onChanged={reload}
            />
          ))}
        </PlainTable>
      )}
      {value?.findings.nextCursor && (
        <Text as="p" color="secondary">
          There are more; these are the newest.
        </Text>
      )}
    </PageFrame>
  );
}

function FindingRow(props: { finding: AuditFinding; onChanged: () => void }) {
  const { finding, onChanged } = props;
  const [isOpen, setOpen] = useState(false);
  const { acknowledged, bucketStart, severity } = finding;
  const origin = describeOrigin(finding);
  return (
    <tr>
      <td>
        <StatusBadge status={severity === 'critical' ? 'bad' : 'attention'}>
          {severity === 'critical' ? 'critical' : 'to look at'}
        </StatusBadge>
      </td>
      <td>
        {finding.eventType}
        {bucketStart && <div>{formatUtcDateTime(bucketStart)}</div>}
      </td>
      <th scope="row">
        {finding.message}
        {origin && <div>{origin}</div>}
        <code>{finding.code}</code>
      </th>
      <td>{formatUtcDateTime(finding.firstSeenAt)}</td>
      <td>
        {acknowledged && `${acknowledged.why} (${acknowledged.by})`}
        {!acknowledged && !isOpen && (
          <Button
            variant="secondary"
            aria-label={`Acknowledge ${finding.code} in ${finding.eventType}`}
            onPress={() => setOpen(true)}
          >
            Acknowledge
          </Button>
        )}
        {!acknowledged && isOpen && (
          <AcknowledgeFinding
            finding={finding}
            onDone={() => {
              setOpen(false);
              onChanged();
            }}
            onCancel={() => setOpen(false)}
          />
        )}
        {!isOpen && <RepairFinding finding={finding} />}
      </td>
    </tr>
  );
}

import { useApi } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import { ConfirmDialog } from '@millrace/plugin-data-platform-react';
import type { AuditFinding } from '@millrace/plugin-delivery-common';
import { deliveryApiRef } from '../../api';

/** Says that one sees to a finding, with a reason for whoever comes next. */
export function AcknowledgeFinding(props: {
  finding: AuditFinding;
  onDone: () => void;
  /** Called after it is done as well as when somebody leaves. */
  onClose: () => void;
}) {
  const { finding, onDone, onClose } = props;
  const api = useApi(deliveryApiRef);
  return (
    <ConfirmDialog
      title={`Acknowledge a finding in ${finding.eventType}`}
      verb="Acknowledge"
      otherwise="Cancel"
      reason={{
        label: 'What is being done about it',
        description: 'Stands beside the finding until it is resolved.',
        minLength: 3,
        maxLength: 500,
      }}
      failure="It was not acknowledged."
      onConfirm={async why => {
        await api.acknowledgeAuditFinding(finding.findingId, { why });
        onDone();
      }}
      onClose={onClose}
    >
      <Text as="p">{finding.message}</Text>
    </ConfirmDialog>
  );
}

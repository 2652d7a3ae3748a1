import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button, Flex, TextField } from '@backstage/ui';
import { ProblemPanel } from '@millrace/plugin-data-platform-react';
import type { AuditFinding } from '@millrace/plugin-delivery-common';
import { useState } from 'react';
import { deliveryApiRef } from '../../api';

const MIN_WHY_LENGTH = 3;

/** Says that one sees to a finding, with a reason for whoever comes next. */
export function AcknowledgeFinding(props: {
  finding: AuditFinding;
  onDone: () => void;
  onCancel: () => void;
}) {
  const { finding, onDone, onCancel } = props;
  const api = useApi(deliveryApiRef);
  const [why, setWhy] = useState('');
  const [isSaving, setSaving] = useState(false);
  const [error, setError] = useState<Error>();

  const save = async () => {
    setSaving(true);
    setError(undefined);
    try {
      await api.acknowledgeAuditFinding(finding.findingId, { why });
      onDone();
    } catch (cause) {
      setError(toError(cause));
      setSaving(false);
    }
  };

  return (
    <Flex direction="column" gap="3">
      <TextField
        label="What is being done about it"
        value={why}
        onChange={setWhy}
      />
      {error && <ProblemPanel what="It was not acknowledged." error={error} />}
      <Flex gap="3">
        <Button
          isDisabled={why.trim().length < MIN_WHY_LENGTH}
          isPending={isSaving}
          onPress={save}
        >
          Acknowledge
        </Button>
        <Button variant="secondary" onPress={onCancel}>
          Cancel
        </Button>
      </Flex>
    </Flex>
  );
}

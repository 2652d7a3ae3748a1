import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button, Flex, Select } from '@backstage/ui';
import { ProblemPanel } from '@millrace/plugin-data-platform-react';
import type { WriteKey } from '@millrace/plugin-delivery-common';
import { useState } from 'react';
import { deliveryApiRef } from '../../api';
import { LIFETIMES, type LifetimeId, endOf, isLifetimeId } from './keyDraft';

/** Sets, moves or takes away the end of a live key. */
export function KeyExpiry(props: {
  writeKey: WriteKey;
  onChanged: () => void;
  onCancel: () => void;
}) {
  const { writeKey, onChanged, onCancel } = props;
  const api = useApi(deliveryApiRef);
  const [lifetime, setLifetime] = useState<LifetimeId>('30');
  const [isSaving, setSaving] = useState(false);
  const [error, setError] = useState<Error>();

  const save = async () => {
    setSaving(true);
    setError(undefined);
    try {
      const expiresAt = endOf(lifetime, new Date());
      await api.setWriteKeyExpiry(
        writeKey.keyId,
        expiresAt ? { expiresAt } : {},
      );
      onChanged();
    } catch (cause) {
      setError(toError(cause));
      setSaving(false);
    }
  };

  return (
    <Flex direction="column" gap="4">
      <Select
        label="From now on it ends after"
        options={LIFETIMES}
        value={lifetime}
        onChange={value => isLifetimeId(value) && setLifetime(value)}
      />
      {error && <ProblemPanel what="The end was not changed." error={error} />}
      <Flex gap="3">
        <Button isPending={isSaving} onPress={save}>
          Change the end
        </Button>
        <Button variant="secondary" onPress={onCancel}>
          Cancel
        </Button>
      </Flex>
    </Flex>
  );
}

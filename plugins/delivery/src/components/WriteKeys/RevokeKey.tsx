import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { Alert, Button, Flex } from '@backstage/ui';
import { ProblemPanel } from '@millrace/plugin-data-platform-react';
import type { WriteKey } from '@millrace/plugin-delivery-common';
import { useState } from 'react';
import { deliveryApiRef } from '../../api';
import { describeUse } from './describeKeys';

/** Asks once more before a key ends for good, with who would be hit. */
export function RevokeKey(props: {
  writeKey: WriteKey;
  now: Date;
  onRevoked: () => void;
  onCancel: () => void;
}) {
  const { writeKey, now, onRevoked, onCancel } = props;
  const api = useApi(deliveryApiRef);
  const [isRevoking, setRevoking] = useState(false);
  const [error, setError] = useState<Error>();

  const revoke = async () => {
    setRevoking(true);
    setError(undefined);
    try {
      await api.revokeWriteKey(writeKey.keyId);
      onRevoked();
    } catch (cause) {
      setError(toError(cause));
      setRevoking(false);
    }
  };

  return (
    <Flex direction="column" gap="4">
      <Alert
        status="warning"
        icon
        title={`Revoke ${writeKey.name}? It cannot be taken back.`}
        description={`${describeUse(
          writeKey,
          now,
        )} Within 5 seconds every gateway answers it with 401; events sent with it after that are not taken. Producers of the SDK keep them and try again until they get another key.`}
      />
      {error && <ProblemPanel what="The key was not revoked." error={error} />}
      <Flex gap="3">
        <Button destructive isPending={isRevoking} onPress={revoke}>
          Revoke the key
        </Button>
        <Button variant="secondary" onPress={onCancel}>
          Keep it
        </Button>
      </Flex>
    </Flex>
  );
}

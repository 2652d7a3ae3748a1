import { useApi } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import { ConfirmDialog } from '@millrace/plugin-data-platform-react';
import type { WriteKey } from '@millrace/plugin-delivery-common';
import { deliveryApiRef } from '../../api';
import { describeUse } from './describeKeys';

/** Asks once more before a key ends for good, with who would be hit. */
export function RevokeKey(props: {
  writeKey: WriteKey;
  now: Date;
  /** Called after it is revoked as well as when it is kept. */
  onClose: () => void;
}) {
  const { writeKey, now, onClose } = props;
  const api = useApi(deliveryApiRef);
  return (
    <ConfirmDialog
      title={`Revoke ${writeKey.name}?`}
      verb="Revoke the key"
      otherwise="Keep it"
      isDestructive
      failure="The key was not revoked."
      onConfirm={async () => {
        await api.revokeWriteKey(writeKey.keyId);
      }}
      onClose={onClose}
    >
      <Text as="p" weight="bold">
        {describeUse(writeKey, now)}
      </Text>
      <Text as="p">
        Within 5 seconds every gateway answers it with 401; events sent with it
        after that are not taken. Producers of the SDK keep them and try again
        until they get another key.
      </Text>
      <Text as="p">It cannot be taken back.</Text>
    </ConfirmDialog>
  );
}

import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Alert, Button, Flex } from '@backstage/ui';
import { CopyTextButton } from '@backstage/core-components';
import { ProblemPanel } from '@millrace/plugin-data-platform-react';
import { writeKeyCreatePermission } from '@millrace/plugin-delivery-common';
import { useState } from 'react';
import { deliveryApiRef } from '../../api';
import styles from './SendFirstEvent.module.css';

/** Creates a write key for one event type and shows it the one time. */
export function WriteKeyButton(props: {
  eventType: string;
  writeKey?: string;
  onCreated: (writeKey: string) => void;
}) {
  const { eventType, writeKey, onCreated } = props;
  const api = useApi(deliveryApiRef);
  const { allowed } = usePermission({ permission: writeKeyCreatePermission });
  const [isCreating, setCreating] = useState(false);
  const [error, setError] = useState<Error>();

  const create = async () => {
    setCreating(true);
    setError(undefined);
    try {
      const created = await api.createWriteKey({
        name: `First events of ${eventType}`,
        eventTypes: [eventType],
      });
      onCreated(created.writeKey);
    } catch (cause) {
      setError(toError(cause));
    }
    setCreating(false);
  };

  if (writeKey) {
    return (
      <Alert
        role="status"
        status="success"
        icon
        title="This is the write key. It is shown this one time: keep it where your producer reads its secrets."
        description={
          <Flex align="center" gap="2">
            <code className={styles.key}>{writeKey}</code>
            <CopyTextButton
              text={writeKey}
              tooltipText="Copied"
              aria-label="Copy the write key"
            />
          </Flex>
        }
      />
    );
  }
  return (
    <>
      <Flex>
        <Button
          variant="secondary"
          isDisabled={!allowed}
          isPending={isCreating}
          onPress={create}
        >
          Create a write key
        </Button>
      </Flex>
      {error && <ProblemPanel what="No write key was created." error={error} />}
    </>
  );
}

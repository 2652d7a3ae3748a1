import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { Alert, Button, Flex, Select, Text } from '@backstage/ui';
import { ProblemPanel } from '@millrace/plugin-data-platform-react';
import type {
  CreatedWriteKey,
  WriteKey,
} from '@millrace/plugin-delivery-common';
import { useState } from 'react';
import { deliveryApiRef } from '../../api';
import { describeUse } from './describeKeys';
import { ShownWriteKey } from './ShownWriteKey';

const HOUR_SECONDS = 3600;
const UNTIL_REVOKED = 'until-revoked';
const GRACES = [
  { id: UNTIL_REVOKED, label: 'until it is revoked' },
  { id: String(HOUR_SECONDS), label: '1 hour' },
  { id: String(24 * HOUR_SECONDS), label: '1 day' },
  { id: String(7 * 24 * HOUR_SECONDS), label: '7 days' },
  { id: String(30 * 24 * HOUR_SECONDS), label: '30 days' },
];

/**
 * Makes a successor, shows it, and then says when the old key was last used:
 * that tells when it can go.
 */
export function RotateKey(props: {
  writeKey: WriteKey;
  now: Date;
  onRotated: (successor: CreatedWriteKey) => void;
  onRevokeOld: () => void;
  onDone: () => void;
}) {
  const { writeKey, now, onRotated, onRevokeOld, onDone } = props;
  const api = useApi(deliveryApiRef);
  const [grace, setGrace] = useState(UNTIL_REVOKED);
  const [isRotating, setRotating] = useState(false);
  const [error, setError] = useState<Error>();
  const [successor, setSuccessor] = useState<CreatedWriteKey>();

  const rotate = async () => {
    setRotating(true);
    setError(undefined);
    try {
      const made = await api.rotateWriteKey(
        writeKey.keyId,
        grace === UNTIL_REVOKED ? {} : { graceSeconds: Number(grace) },
      );
      setSuccessor(made);
      onRotated(made);
    } catch (cause) {
      setError(toError(cause));
    }
    setRotating(false);
  };

  if (successor) {
    return (
      <Flex direction="column" gap="4">
        <ShownWriteKey writeKey={successor.writeKey} />
        <Alert
          role="status"
          status={writeKey.state === 'live' ? 'info' : 'success'}
          icon
          title={
            writeKey.state === 'live'
              ? 'The old key still works'
              : 'The old key is refused'
          }
          description={`${describeUse(writeKey, now)} ${
            writeKey.state === 'live'
              ? 'Give the new key to the producer; once this stands still, revoke the old one.'
              : ''
          }`}
        />
        <Flex gap="3">
          {writeKey.state === 'live' && (
            <Button variant="secondary" onPress={onRevokeOld}>
              Revoke the old key
            </Button>
          )}
          <Button onPress={onDone}>I have stored the new key</Button>
        </Flex>
      </Flex>
    );
  }
  return (
    <Flex direction="column" gap="4">
      <Text as="p">
        A new key is made with the same producer, event types and limits. Both
        work side by side, so nothing is refused while you roll it out.
      </Text>
      <Select
        label="The old key goes on working"
        options={GRACES}
        value={grace}
        onChange={value => setGrace(String(value))}
      />
      {error && <ProblemPanel what="The key was not rotated." error={error} />}
      <Flex gap="3">
        <Button isPending={isRotating} onPress={rotate}>
          Make the new key
        </Button>
        <Button variant="secondary" onPress={onDone}>
          Cancel
        </Button>
      </Flex>
    </Flex>
  );
}

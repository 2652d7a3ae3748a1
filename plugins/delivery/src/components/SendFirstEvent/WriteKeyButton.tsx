import { toError } from '@backstage/errors';
import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, ButtonLink, Flex } from '@backstage/ui';
import { ProblemPanel } from '@millrace/plugin-data-platform-react';
import {
  type WriteKeyKind,
  writeKeyCreatePermission,
} from '@millrace/plugin-delivery-common';
import { useEffect, useRef, useState } from 'react';
import { deliveryApiRef } from '../../api';
import { writeKeysRouteRef } from '../../routes';
import { ShownWriteKey, WRITE_KEY_PARAMS } from '../WriteKeys';

/** What the backend takes as the name of a producer. */
const MAX_PRODUCER_LENGTH = 100;

/** A producer of its own, so that trying things out never uses up a real one. */
function producerOf(eventType: string, kind: WriteKeyKind): string {
  const what = kind === 'browser' ? 'first-events-browser' : 'first-events';
  return `${what}/${eventType}`.slice(0, MAX_PRODUCER_LENGTH);
}

/** Creates a write key for one event type and shows it the one time. */
export function WriteKeyButton(props: {
  eventType: string;
  kind: WriteKeyKind;
  writeKey?: string;
  onCreated: (writeKey: string) => void;
}) {
  const { eventType, kind, writeKey, onCreated } = props;
  const api = useApi(deliveryApiRef);
  const writeKeysLink = useRouteRef(writeKeysRouteRef);
  const { allowed, loading } = usePermission({
    permission: writeKeyCreatePermission,
  });
  const [isCreating, setCreating] = useState(false);
  const [error, setError] = useState<Error>();
  const shownRef = useRef<HTMLDivElement>(null);
  const isNewRef = useRef(false);

  useEffect(() => {
    // The button that made it is gone: the focus goes to where it is copied.
    // Not when it is shown again because another tab was looked at.
    if (writeKey && isNewRef.current) {
      isNewRef.current = false;
      shownRef.current?.querySelector('button')?.focus();
    }
  }, [writeKey]);

  const create = async () => {
    setCreating(true);
    setError(undefined);
    try {
      const created = await api.createWriteKey({
        name: `First events of ${eventType}`,
        producer: producerOf(eventType, kind),
        kind,
        eventTypes: [eventType],
      });
      isNewRef.current = true;
      onCreated(created.writeKey);
    } catch (cause) {
      setError(toError(cause));
    }
    setCreating(false);
  };

  if (writeKey) {
    return (
      <div ref={shownRef}>
        <ShownWriteKey writeKey={writeKey} />
      </div>
    );
  }
  return (
    <>
      <Flex gap="2">
        <Button
          variant="secondary"
          // Not while it is being asked: what is disabled loses the focus.
          isDisabled={!loading && !allowed}
          isPending={isCreating}
          onPress={create}
        >
          {kind === 'browser' ? 'Create a browser key' : 'Create a write key'}
        </Button>
        {writeKeysLink && (
          <ButtonLink
            variant="tertiary"
            href={`${writeKeysLink()}?${
              WRITE_KEY_PARAMS.eventType
            }=${encodeURIComponent(eventType)}`}
          >
            Its write keys
          </ButtonLink>
        )}
      </Flex>
      {error && <ProblemPanel what="No write key was created." error={error} />}
    </>
  );
}

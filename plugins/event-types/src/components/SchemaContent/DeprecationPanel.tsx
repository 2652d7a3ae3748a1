import { useApi } from '@backstage/frontend-plugin-api';
import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import {
  Alert,
  Button,
  ButtonLink,
  TextAreaField,
  TextField,
} from '@backstage/ui';
import { formatUtcDateTime } from '@millrace/plugin-data-platform-react';
import {
  type Deprecation,
  eventTypeEntityRef,
} from '@millrace/plugin-event-types-common';
import { useState } from 'react';
import { eventTypesApiRef } from '../../api';
import { ChangeDialog } from './ChangeDialog';

function describe({ since, by, endsOn }: Deprecation): string {
  const until = endsOn ? ` Send it until ${endsOn} at the latest.` : '';
  return `Deprecated since ${formatUtcDateTime(since)}, by ${by}.${until}`;
}

/** Says that an event type should no longer be sent, and what to send instead. */
export function DeprecationBanner(props: {
  name: string;
  deprecation: Deprecation;
  mayChange: boolean;
  onChanged: () => void;
}) {
  const { name, deprecation, mayChange, onChanged } = props;
  const { message, successor } = deprecation;
  const api = useApi(eventTypesApiRef);
  const entityLink = useEntityRefLink();
  const [isLifting, setLifting] = useState(false);
  return (
    <>
      <Alert
        status="warning"
        icon
        title={`Deprecated: ${message}`}
        description={`${describe(
          deprecation,
        )} Gateways still accept it, and tell whoever sends it.`}
        customActions={
          <>
            {successor && (
              <ButtonLink
                href={entityLink(eventTypeEntityRef(successor))}
                variant="secondary"
              >
                {`Open ${successor}`}
              </ButtonLink>
            )}
            {mayChange && (
              <Button variant="tertiary" onPress={() => setLifting(true)}>
                Lift the deprecation
              </Button>
            )}
          </>
        }
      />
      {isLifting && (
        <ChangeDialog
          title={`Lift the deprecation of ${name}?`}
          verb="Lift the deprecation"
          failure="It is still deprecated."
          isReady
          change={() => api.liftDeprecation(name)}
          onClose={() => setLifting(false)}
          onDone={() => {
            setLifting(false);
            onChanged();
          }}
        >
          Gateways stop telling producers to send something else.
        </ChangeDialog>
      )}
    </>
  );
}

/** Asks what producers are told, by when, and what to send instead. */
export function DeprecateDialog(props: {
  name: string;
  onClose: () => void;
  onDone: () => void;
}) {
  const { name, onClose, onDone } = props;
  const api = useApi(eventTypesApiRef);
  const [message, setMessage] = useState('');
  const [endsOn, setEndsOn] = useState('');
  const [successor, setSuccessor] = useState('');
  return (
    <ChangeDialog
      title={`Deprecate ${name}`}
      verb="Deprecate"
      failure="It was not deprecated."
      isReady={message.trim() !== ''}
      change={() =>
        api.deprecate(name, {
          message: message.trim(),
          ...(endsOn && { endsOn }),
          ...(successor.trim() && { successor: successor.trim() }),
        })
      }
      onClose={onClose}
      onDone={onDone}
    >
      <TextAreaField
        label="Message"
        description="Why, and what to do. It is shown on this page; gateways tell producers that the event type is deprecated, its last day and its successor."
        isRequired
        rows={2}
        value={message}
        onChange={setMessage}
      />
      <TextField
        label="Last day"
        description="As 2026-12-31. Nothing is refused after it by itself."
        value={endsOn}
        onChange={setEndsOn}
      />
      <TextField
        label="Successor"
        description="The event type to send instead."
        value={successor}
        onChange={setSuccessor}
      />
    </ChangeDialog>
  );
}

import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import {
  Button,
  Checkbox,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Flex,
  Radio,
  RadioGroup,
  Select,
  TextField,
} from '@backstage/ui';
import { ProblemPanel } from '@millrace/plugin-data-platform-react';
import type { CreatedWriteKey } from '@millrace/plugin-delivery-common';
import { type FormEvent, useId, useState } from 'react';
import { deliveryApiRef } from '../../api';
import { BrowserKeyNote } from './BrowserKeyNote';
import {
  type KeyDraft,
  LIFETIMES,
  draftProblems,
  isLifetimeId,
  newKeyDraft,
  toRequest,
} from './keyDraft';
import { ShownWriteKey } from './ShownWriteKey';
import { useSendableEventTypes } from './useSendableEventTypes';

/** Problems show after an attempt, not while one is still typing. */
function shown(problem: string | undefined, isAttempted: boolean) {
  return {
    validationBehavior: 'aria' as const,
    validate: () => (isAttempted && problem) || true,
  };
}

/** Creates a write key and shows it the one time. */
export function CreateKeyDialog(props: {
  /** The event type it is most likely for. */
  eventType?: string;
  onCreated: () => void;
  onClose: () => void;
}) {
  const { eventType, onCreated, onClose } = props;
  const api = useApi(deliveryApiRef);
  const sendable = useSendableEventTypes();
  const formId = useId();
  const [draft, setDraft] = useState(() => newKeyDraft(eventType));
  const [isAttempted, setAttempted] = useState(false);
  const [isCreating, setCreating] = useState(false);
  const [error, setError] = useState<Error>();
  const [created, setCreated] = useState<CreatedWriteKey>();
  const problems = draftProblems(draft);
  const change = (part: Partial<KeyDraft>) =>
    setDraft(current => ({ ...current, ...part }));

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setAttempted(true);
    if (Object.keys(problems).length > 0) {
      return;
    }
    setCreating(true);
    setError(undefined);
    try {
      setCreated(await api.createWriteKey(toRequest(draft, new Date())));
      onCreated();
    } catch (cause) {
      setError(toError(cause));
    }
    setCreating(false);
  };

  return (
    <Dialog
      isOpen
      // Once the key is shown, only a button closes: it is not shown again.
      isDismissable={!created}
      isKeyboardDismissDisabled={Boolean(created)}
      onOpenChange={isOpen => {
        if (!isOpen) {
          onClose();
        }
      }}
      width={640}
    >
      <DialogHeader>
        {created ? `Write key ${created.name}` : 'Create a write key'}
      </DialogHeader>
      <DialogBody>
        {created ? (
          <ShownWriteKey writeKey={created.writeKey} />
        ) : (
          <form id={formId} onSubmit={submit} noValidate>
            <Flex direction="column" gap="5">
              {error && (
                <ProblemPanel what="No write key was created." error={error} />
              )}
              <TextField
                label="Name"
                description="What it is for, so that people recognise it later."
                isRequired
                value={draft.name}
                onChange={name => change({ name })}
                {...shown(problems.name, isAttempted)}
              />
              <TextField
                label="Producer"
                description="The service, job or app that sends with it, such as checkout. It has two live keys at most: the one in use and its successor."
                isRequired
                value={draft.producer}
                onChange={producer => change({ producer })}
                {...shown(problems.producer, isAttempted)}
              />
              <RadioGroup
                label="Where it is used"
                value={draft.kind}
                onChange={kind =>
                  change({ kind: kind === 'browser' ? 'browser' : 'server' })
                }
              >
                <Radio value="server">
                  On a server: a secret that nobody else sees
                </Radio>
                <Radio value="browser">
                  In a browser or an app on devices of others: public
                </Radio>
              </RadioGroup>
              {draft.kind === 'browser' && <BrowserKeyNote />}
              {sendable.value?.mayNameAll && draft.kind === 'server' && (
                <Checkbox
                  isSelected={draft.isForAll}
                  onChange={isForAll => change({ isForAll })}
                >
                  May send every event type, also those to come
                </Checkbox>
              )}
              {!(draft.isForAll && draft.kind === 'server') && (
                <Select
                  label="Event types it may send"
                  isRequired
                  selectionMode="multiple"
                  search={{ placeholder: 'Search event types' }}
                  placeholder="Choose event types"
                  options={(sendable.value?.eventTypes ?? []).map(id => ({
                    id,
                    label: id,
                  }))}
                  value={draft.eventTypes}
                  onChange={eventTypes =>
                    change({ eventTypes: eventTypes.map(String) })
                  }
                  {...shown(problems.eventTypes, isAttempted)}
                />
              )}
              {sendable.error && !sendable.value && (
                <ProblemPanel
                  what="The event types could not be loaded."
                  error={sendable.error}
                  onRetry={sendable.reload}
                />
              )}
              <Select
                label="Ends after"
                options={LIFETIMES}
                value={draft.lifetime}
                onChange={lifetime =>
                  isLifetimeId(lifetime) && change({ lifetime })
                }
              />
            </Flex>
          </form>
        )}
      </DialogBody>
      <DialogFooter>
        {created ? (
          <Button onPress={onClose}>I have stored it</Button>
        ) : (
          <>
            <Button type="submit" form={formId} isPending={isCreating}>
              Create
            </Button>
            <Button variant="secondary" onPress={onClose}>
              Cancel
            </Button>
          </>
        )}
      </DialogFooter>
    </Dialog>
  );
}

import { useApi } from '@backstage/frontend-plugin-api';
import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  Alert,
  Button,
  ButtonLink,
  Card,
  CardBody,
  CardHeader,
  Flex,
  Text,
  TextAreaField,
} from '@backstage/ui';
import {
  PlainTable,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import {
  type MajorState,
  type MajorVersion,
  breakingChangeApprovePermission,
  eventTypeEntityRef,
} from '@millrace/plugin-event-types-common';
import { useState } from 'react';
import { eventTypesApiRef } from '../../api';
import { ChangeDialog } from './ChangeDialog';

const STATE_WORDS: Record<MajorState, { label: string; next: string }> = {
  requested: {
    label: 'asked for',
    next: 'Somebody who may approve breaking changes has to decide.',
  },
  refused: { label: 'refused', next: 'It may be asked for again.' },
  'dual-write': {
    label: 'dual write',
    next: 'Producers send both; readers move to the new one.',
  },
  'consumers-moved': {
    label: 'consumers moved',
    next: 'Nobody reads the old one. Producers stop sending it; then it is retired.',
  },
  retired: {
    label: 'retired',
    next: 'Gateways refuse the old one. Its partitions stay as they are.',
  },
};

/** What a person can do next, and what it means. */
const ACTIONS = {
  approve: {
    verb: 'Approve',
    title: 'Approve a new major version',
    meaning:
      'The new event type is registered with the same owner and tier, with a topic and a data endpoint of its own. The old one is deprecated and goes on as before.',
  },
  refuse: {
    verb: 'Refuse',
    title: 'Refuse a new major version',
    meaning: 'Nothing is made. The owner may ask again.',
  },
  'consumers-moved': {
    verb: 'Consumers have moved',
    title: 'Have all consumers moved?',
    meaning:
      'Records that nobody reads the old event type any more. It is still accepted and delivered.',
  },
  retired: {
    verb: 'Retire',
    title: 'Retire the old event type',
    meaning:
      'Within seconds gateways refuse its events for good. What was accepted before is still delivered, and its partitions stay. This cannot be undone.',
  },
} as const;

type Action = keyof typeof ACTIONS;

function actionsOf(
  state: MajorState,
  may: { change: boolean; decide: boolean },
): Action[] {
  switch (state) {
    case 'requested':
      return may.decide ? ['approve', 'refuse'] : [];
    case 'dual-write':
      return may.change ? ['consumers-moved'] : [];
    case 'consumers-moved':
      return may.change ? ['retired'] : [];
    default:
      return [];
  }
}

/** Where the move to the next major version stands, and the next step of it. */
export function MajorPanel(props: {
  name: string;
  major: MajorVersion;
  mayChange: boolean;
  onChanged: () => void;
}) {
  const { name, major, mayChange, onChanged } = props;
  const { state, successor, reason, steps } = major;
  const entityLink = useEntityRefLink();
  const { allowed: mayDecide } = usePermission({
    permission: breakingChangeApprovePermission,
  });
  const [action, setAction] = useState<Action>();
  const exists = state !== 'requested' && state !== 'refused';
  return (
    <Card>
      <CardHeader>
        <Text as="h3" variant="title-x-small" weight="bold">
          Succeeded by {successor}: {STATE_WORDS[state].label}
        </Text>
      </CardHeader>
      <CardBody>
        <Flex direction="column" gap="3">
          <Text as="p">
            {reason} {STATE_WORDS[state].next}
          </Text>
          <PlainTable
            caption="Steps so far"
            columns={[
              { id: 'step', label: 'Step' },
              { id: 'at', label: 'When' },
              { id: 'by', label: 'By' },
              { id: 'note', label: 'Note' },
            ]}
          >
            {steps.map(step => (
              <tr key={step.state}>
                <th scope="row">{STATE_WORDS[step.state].label}</th>
                <td>
                  <time dateTime={step.at}>{formatUtcDateTime(step.at)}</time>
                </td>
                <td>{step.by}</td>
                <td>{step.note}</td>
              </tr>
            ))}
          </PlainTable>
          <Flex gap="3">
            {exists && (
              <ButtonLink
                href={entityLink(eventTypeEntityRef(successor))}
                variant="secondary"
              >
                {`Open ${successor}`}
              </ButtonLink>
            )}
            {actionsOf(state, { change: mayChange, decide: mayDecide }).map(
              each => (
                <Button
                  key={each}
                  variant="secondary"
                  destructive={each === 'retired'}
                  onPress={() => setAction(each)}
                >
                  {ACTIONS[each].verb}
                </Button>
              ),
            )}
          </Flex>
        </Flex>
      </CardBody>
      {action && (
        <StepDialog
          name={name}
          action={action}
          onClose={() => setAction(undefined)}
          onDone={() => {
            setAction(undefined);
            onChanged();
          }}
        />
      )}
    </Card>
  );
}

function StepDialog(props: {
  name: string;
  action: Action;
  onClose: () => void;
  onDone: () => void;
}) {
  const { name, action, onClose, onDone } = props;
  const api = useApi(eventTypesApiRef);
  const [note, setNote] = useState('');
  const { title, verb, meaning } = ACTIONS[action];
  const change = () => {
    const said = note.trim() ? { note: note.trim() } : {};
    return action === 'approve' || action === 'refuse'
      ? api.decideMajor(name, { isApproved: action === 'approve', ...said })
      : api.takeMajorStep(name, { step: action, ...said });
  };
  const isDestructive = action === 'retired';
  return (
    <ChangeDialog
      title={title}
      verb={verb}
      failure="Nothing was changed."
      isReady={!isDestructive || note.trim() !== ''}
      isDestructive={isDestructive}
      change={change}
      onClose={onClose}
      onDone={onDone}
    >
      <Text as="p">{meaning}</Text>
      <TextAreaField
        label={isDestructive ? 'Reason' : 'Note'}
        description="Stays with the step, for those who ask later."
        isRequired={isDestructive}
        rows={2}
        value={note}
        onChange={setNote}
      />
    </ChangeDialog>
  );
}

/** From a new major version back to what it succeeds. */
export function SucceedsBanner({ major }: { major: MajorVersion }) {
  const entityLink = useEntityRefLink();
  const { predecessor, state } = major;
  return (
    <Alert
      status="info"
      icon
      title={`Succeeds ${predecessor}: ${STATE_WORDS[state].label}`}
      description={STATE_WORDS[state].next}
      customActions={
        <ButtonLink
          href={entityLink(eventTypeEntityRef(predecessor))}
          variant="secondary"
        >
          {`Open ${predecessor}`}
        </ButtonLink>
      }
    />
  );
}

/** Asks the owner why a new major version is needed. */
export function RequestMajorDialog(props: {
  name: string;
  schema: unknown;
  onClose: () => void;
  onDone: () => void;
}) {
  const { name, schema, onClose, onDone } = props;
  const api = useApi(eventTypesApiRef);
  const [reason, setReason] = useState('');
  return (
    <ChangeDialog
      title={`Ask for a new major version of ${name}`}
      verb="Ask for approval"
      failure="It was not asked for."
      isReady={reason.trim() !== ''}
      change={() => api.requestMajor(name, { reason: reason.trim(), schema })}
      onClose={onClose}
      onDone={onDone}
    >
      <Text as="p">
        The schema becomes a new event type beside this one, with a topic and a
        data endpoint of its own. Producers send both until every consumer has
        moved; then this one is retired. Somebody else has to approve it.
      </Text>
      <TextAreaField
        label="Reason"
        description="What cannot be done without breaking? It is shown to producers and consumers."
        isRequired
        rows={2}
        value={reason}
        onChange={setReason}
      />
    </ChangeDialog>
  );
}

import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { Link, Text } from '@backstage/ui';
import { EntityLink, StatusBadge } from '@millrace/plugin-data-platform-react';
import {
  type NameAvailability,
  type NameHolder,
  eventTypeEntityRef,
} from '@millrace/plugin-event-types-common';
import type { AnswerState } from '../../../hooks';
import { eventTypeNameProblem } from '../eventTypeName';
import styles from '../RegisterForm.module.css';

/**
 * Whether the name is free, while it is typed; who has it when it is not, and
 * which names are hardly other.
 */
export function NameStatus(props: {
  name: string;
  state: AnswerState<NameAvailability>;
}) {
  const { name, state } = props;
  return (
    <div role="status" className={styles.nameStatus}>
      <NameWords name={name} state={state} />
    </div>
  );
}

function NameWords(props: {
  name: string;
  state: AnswerState<NameAvailability>;
}) {
  const { name, state } = props;
  if (!name || eventTypeNameProblem(name)) {
    // What is wrong with it stands at the field.
    return null;
  }
  if (!state.isCurrent) {
    return (
      <StatusBadge status="waiting">Looking whether it is free</StatusBadge>
    );
  }
  if (!state.value) {
    return (
      <StatusBadge status="unknown">
        Whether it is free could not be looked up; registering will tell
      </StatusBadge>
    );
  }
  const { status, takenBy, similar } = state.value;
  switch (status) {
    case 'taken':
      return (
        <>
          <StatusBadge status="bad">Taken</StatusBadge>
          {takenBy ? (
            <Holders intro="By" holders={[takenBy]} />
          ) : (
            <Text color="secondary">By an event type you may not see.</Text>
          )}
        </>
      );
    case 'too-similar':
      return (
        <>
          <StatusBadge status="bad">Too similar</StatusBadge>
          <Holders intro="To" holders={similar} />
        </>
      );
    case 'free':
      return (
        <>
          <StatusBadge status="good">{name} is free</StatusBadge>
          <Holders
            intro="Is one of these what you are looking for?"
            holders={similar}
          />
        </>
      );
    default:
      return null;
  }
}

function Holders(props: { intro: string; holders: NameHolder[] }) {
  const { intro, holders } = props;
  const entityLink = useEntityRefLink();
  if (holders.length === 0) {
    return null;
  }
  return (
    <div className={styles.holders}>
      <Text color="secondary">{intro}</Text>
      <ul>
        {holders.map(({ name, owner, description }) => (
          <li key={name}>
            <Link href={entityLink(eventTypeEntityRef(name))}>{name}</Link>
            {owner && (
              <>
                {' of '}
                <EntityLink entityRef={owner} href={entityLink(owner)} />
              </>
            )}
            {description && `: ${description}`}
          </li>
        ))}
      </ul>
    </div>
  );
}

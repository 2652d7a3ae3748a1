import type { SearchDocument } from '@backstage/plugin-search-common';
import { Badge, Link, Text } from '@backstage/ui';
import {
  StatusBadge,
  TierBadge,
  formatCountOf,
  shortRef,
} from '@millrace/plugin-data-platform-react';
import { STATES } from '../../states';
import { readDocument } from './readDocument';
import styles from './EventTypeSearchResult.module.css';

/** An event type among the results of the portal's search. */
export function EventTypeSearchResult(props: { result?: SearchDocument }) {
  const { result } = props;
  if (!result) {
    return null;
  }
  const eventType = readDocument(result);
  const state = STATES.find(({ id }) => id === eventType.state);
  const meanings = eventType.semanticTypes.filter(id => id !== 'none');
  return (
    <div className={styles.root}>
      <Link href={result.location} variant="body-large" weight="bold">
        {eventType.name}
      </Link>
      {eventType.description && <Text as="p">{eventType.description}</Text>}
      <div className={styles.facts}>
        <Text variant="body-small" color="secondary">
          {`Event type of ${shortRef(eventType.owner)}, ${formatCountOf(
            eventType.fieldCount,
            'field',
          )}`}
        </Text>
        <TierBadge tier={eventType.tier} />
        {state?.status && (
          <StatusBadge status={state.status}>{state.label}</StatusBadge>
        )}
        {meanings.map(meaning => (
          <Badge key={meaning}>{meaning}</Badge>
        ))}
      </div>
    </div>
  );
}

import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button, Text } from '@backstage/ui';
import {
  PlainTable,
  ProblemPanel,
  formatAge,
  formatBytes,
  formatCount,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import type {
  DeliveryOperations,
  PoisonLine,
} from '@millrace/plugin-delivery-common';
import { useState } from 'react';
import { deliveryApiRef } from '../../api';
import { Section } from './Section';
import styles from './Operations.module.css';

const COLUMNS = [
  { id: 'type', label: 'Event type' },
  { id: 'message', label: 'Message' },
  { id: 'why', label: 'Why' },
  { id: 'when', label: 'Set aside' },
  { id: 'attempts', label: 'Attempts' },
  { id: 'action', label: 'Action' },
];

const SCOPE: Record<DeliveryOperations['poison']['scope'], string> = {
  all: '',
  own: ' Only those of event types you own are told.',
  none: 'Messages that were set aside are told to the owners of their event types.',
};

function Row(props: { line: PoisonLine; now: Date; onChanged: () => void }) {
  const { line, now, onChanged } = props;
  const { poisonId, eventType, messageId, reason, message } = line;
  const api = useApi(deliveryApiRef);
  const [isAsking, setAsking] = useState(false);
  const [error, setError] = useState<Error>();

  const retry = async () => {
    if (eventType === undefined) {
      return;
    }
    setAsking(true);
    setError(undefined);
    try {
      await api.retryPoisonBatch(eventType, poisonId);
      onChanged();
    } catch (cause) {
      setError(toError(cause));
    }
    setAsking(false);
  };

  return (
    <tr>
      <th scope="row">{eventType ?? 'unknown event types'}</th>
      <td>
        <code>{messageId}</code>, {formatBytes(line.bytes)}
      </td>
      <td className={styles.prose}>
        {message} <code>{reason}</code>
        {error && <ProblemPanel what="It is not tried again." error={error} />}
      </td>
      <td>{formatAge(line.recordedAt, now)}</td>
      <td>{formatCountOf(line.attempts, 'attempt')}</td>
      <td>
        {line.retryRequestedAt &&
          `Is tried again, asked for ${formatAge(line.retryRequestedAt, now)}`}
        {!line.retryRequestedAt && line.mayRetry && (
          <Button
            variant="secondary"
            size="small"
            isPending={isAsking}
            aria-label={`Retry message ${messageId} of ${eventType}`}
            onPress={retry}
          >
            Retry
          </Button>
        )}
      </td>
    </tr>
  );
}

/** Messages that were set aside, and having them tried again. */
export function Poison(props: {
  poison: DeliveryOperations['poison'];
  now: Date;
  onChanged: () => void;
}) {
  const { poison, now, onChanged } = props;
  const { items, total, scope } = poison;
  const found =
    total === 0
      ? 'No message is set aside.'
      : `${formatCountOf(
          total,
          'message is',
          'messages are',
        )} set aside whole, oldest first. Mend the cause before a retry; a bucket does not wait for them.`;
  return (
    <Section
      id="poison"
      title="Poison"
      answer={scope === 'none' ? SCOPE.none : found + SCOPE[scope]}
    >
      {items.length > 0 && (
        <PlainTable caption="Messages that were set aside" columns={COLUMNS}>
          {items.map(line => (
            <Row
              key={line.poisonId}
              line={line}
              now={now}
              onChanged={onChanged}
            />
          ))}
        </PlainTable>
      )}
      {total > items.length && (
        <Text as="p" color="secondary">
          There are {formatCount(total - items.length)} more; these are the
          oldest.
        </Text>
      )}
    </Section>
  );
}

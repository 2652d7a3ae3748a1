import { Button, Flex } from '@backstage/ui';
import {
  NumericCell,
  PlainTable,
  formatCount,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import { describeReason } from './reasons';
import type { RefusedState } from './useRefused';
import styles from './RefusedEvents.module.css';

const REASON_COLUMNS = [
  { id: 'reason', label: 'Reason' },
  { id: 'pointer', label: 'Where' },
  { id: 'count', label: 'Events', isNumeric: true },
];

const TYPE_COLUMN = { id: 'eventType', label: 'Event type' };

const EVENT_COLUMNS = [
  { id: 'receivedAt', label: 'Received' },
  { id: 'message', label: 'What was wrong' },
  { id: 'pointer', label: 'Where' },
  { id: 'eventId', label: 'Event id' },
  { id: 'source', label: 'Source' },
  {
    id: 'seenCount',
    label: 'Seen',
    title: 'How often it was sent: a producer that retries makes one row',
    isNumeric: true,
  },
  { id: 'stage', label: 'Refused at' },
];

/** Refused events by reason and place, and one by one. */
export function RefusedTables(props: {
  state: RefusedState;
  /** Whether the list is of all types and must say which. */
  showsType: boolean;
}) {
  const { state, showsType } = props;
  const { value, showNewer, showOlder } = state;
  if (!value?.items.length) {
    return null;
  }
  const [received, ...others] = EVENT_COLUMNS;
  return (
    <Flex direction="column" gap="5">
      <PlainTable
        caption="By reason and place"
        isCaptionVisible
        columns={REASON_COLUMNS}
      >
        {value.byReason.map(({ reason, pointer, count }) => (
          <tr key={`${reason} ${pointer}`}>
            <th scope="row">
              {describeReason(reason)}{' '}
              <code className={styles.code}>{reason}</code>
            </th>
            <td className={styles.code}>{pointer}</td>
            <NumericCell>{formatCount(count)}</NumericCell>
          </tr>
        ))}
      </PlainTable>
      <PlainTable
        caption="Refused events, newest first"
        isCaptionVisible
        columns={showsType ? [received, TYPE_COLUMN, ...others] : EVENT_COLUMNS}
      >
        {value.items.map(event => (
          <tr key={event.refusalId}>
            <th scope="row" className={styles.time}>
              <time dateTime={event.receivedAt}>
                {formatUtcDateTime(event.receivedAt)}
              </time>
            </th>
            {showsType && <td>{event.eventType ?? 'not said'}</td>}
            <td>{event.message}</td>
            <td className={styles.code}>{event.pointer}</td>
            <td className={styles.code}>{event.eventId}</td>
            <td>{event.source}</td>
            <NumericCell>{formatCount(event.seenCount)}</NumericCell>
            <td>{event.stage}</td>
          </tr>
        ))}
      </PlainTable>
      {(showNewer || showOlder) && (
        <Flex gap="2">
          <Button
            variant="secondary"
            isDisabled={!showNewer}
            onPress={showNewer}
          >
            Newer
          </Button>
          <Button
            variant="secondary"
            isDisabled={!showOlder}
            onPress={showOlder}
          >
            Older
          </Button>
        </Flex>
      )}
    </Flex>
  );
}

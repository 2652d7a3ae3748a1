import { Link } from '@backstage/ui';
import {
  PlainTable,
  StatusBadge,
  formatBucket,
  formatUtcDateTime,
  shortRef,
} from '@millrace/plugin-data-platform-react';
import type { TestEvent } from '@millrace/plugin-delivery-common';
import { partitionHref } from '../Partitions';
import { TEST_EVENT_STATE, describeRefusal } from './describeTestEvent';
import { refusedEventHref } from './refusedEventHref';
import styles from './FirstEvent.module.css';

const COLUMNS = [
  { id: 'sent', label: 'Sent' },
  { id: 'by', label: 'By' },
  { id: 'state', label: 'State' },
  { id: 'where', label: 'Where, or why not' },
];

/** What became of the test events before the newest one, folded. */
export function EarlierTestEvents(props: {
  events: TestEvent[];
  entityHref: string;
}) {
  const { events, entityHref } = props;
  return (
    <details className={styles.earlier}>
      <summary>Earlier test events</summary>
      <PlainTable caption="Earlier test events" columns={COLUMNS}>
        {events.map(event => (
          <tr key={event.testEventId}>
            <th scope="row">{formatUtcDateTime(event.requestedAt)}</th>
            <td>{shortRef(event.requestedBy).replace(/^user:/, '')}</td>
            <td>
              <StatusBadge status={TEST_EVENT_STATE[event.state].status}>
                {TEST_EVENT_STATE[event.state].word}
              </StatusBadge>
            </td>
            <td>
              <Outcome event={event} entityHref={entityHref} />
            </td>
          </tr>
        ))}
      </PlainTable>
    </details>
  );
}

function Outcome(props: { event: TestEvent; entityHref: string }) {
  const { event, entityHref } = props;
  const { testEventId, landed, refusal, message } = event;
  if (landed) {
    const { bucketStart, bucketEnd } = landed;
    return (
      <Link href={partitionHref(entityHref, bucketStart)}>
        {formatBucket(bucketStart, bucketEnd)}
      </Link>
    );
  }
  if (refusal) {
    const { sentence } = describeRefusal(refusal);
    return refusal.refusalId ? (
      <Link href={refusedEventHref(entityHref, testEventId)}>{sentence}</Link>
    ) : (
      <>{sentence}</>
    );
  }
  return <>{message}</>;
}

import { Flex, Link, Text } from '@backstage/ui';
import {
  CopyText,
  StatusBadge,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import type { TestEvent } from '@millrace/plugin-delivery-common';
import { EventText } from '../EventText';
import { partitionHref } from '../Partitions';
import {
  describeRefusal,
  describeTestEvent,
  stepsOf,
} from './describeTestEvent';
import { refusedEventHref } from './refusedEventHref';
import styles from './FirstEvent.module.css';

/** The way of one test event: accepted, staged, sealed; or why not. */
export function TestEventTrack(props: {
  event: TestEvent;
  /** Of the event type. */
  entityHref: string;
  /** The data, as long as it is known: only where it was written. */
  data?: string;
}) {
  const { event, entityHref, data } = props;
  const { testEventId, receipt, landed, refusal } = event;
  return (
    <section aria-label="The newest test event" className={styles.track}>
      <Flex direction="column" gap="3">
        <Text as="p" role="status">
          {describeTestEvent(event)}
        </Text>
        <ol className={styles.steps}>
          {stepsOf(event).map(({ title, status, at }) => (
            <li key={title}>
              <StatusBadge status={status}>{title}</StatusBadge>
              {at && (
                <time dateTime={at} className={styles.time}>
                  {formatUtcDateTime(at)}
                </time>
              )}
            </li>
          ))}
        </ol>
        {refusal && (
          <>
            <Text as="p">
              {refusal.message} (
              <code className={styles.code}>{refusal.reason}</code>).{' '}
              {describeRefusal(refusal).whatToDo}
            </Text>
            {data !== undefined && (
              <EventText
                label="The test event as it was sent"
                text={`{"data":${data}}`}
                pointer={refusal.pointer}
              />
            )}
            {refusal.refusalId && (
              <Link href={refusedEventHref(entityHref, testEventId)}>
                It is kept among the refused events
              </Link>
            )}
          </>
        )}
        {landed && (
          <Link href={partitionHref(entityHref, landed.bucketStart)}>
            Open its partition
          </Link>
        )}
        <dl className={styles.facts}>
          <dt>Event id</dt>
          <dd>
            <CopyText text={testEventId} what="event id" />
          </dd>
          {receipt && (
            <>
              <dt>Receipt</dt>
              <dd>
                <CopyText text={receipt} what="receipt" />
              </dd>
            </>
          )}
        </dl>
      </Flex>
    </section>
  );
}

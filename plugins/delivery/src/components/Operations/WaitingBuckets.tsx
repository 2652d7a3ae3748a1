import { Button, Link, Text } from '@backstage/ui';
import {
  PlainTable,
  StatusBadge,
  formatAge,
  formatBucket,
  formatCount,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import type {
  CountedList,
  WaitingBucketLine,
} from '@millrace/plugin-delivery-common';
import { Section } from './Section';
import styles from './Operations.module.css';

const COLUMNS = [
  { id: 'type', label: 'Event type' },
  { id: 'bucket', label: 'Bucket' },
  { id: 'state', label: 'State' },
  { id: 'since', label: 'Waits since' },
  { id: 'why', label: 'Why' },
  { id: 'action', label: 'Action' },
];

function State({ line }: { line: WaitingBucketLine }) {
  if (line.isForced) {
    return <StatusBadge status="waiting">closed by order soon</StatusBadge>;
  }
  return line.isOverdue ? (
    <StatusBadge status="bad">waits, late</StatusBadge>
  ) : (
    <StatusBadge status="waiting">waits, in time</StatusBadge>
  );
}

/** Buckets that are over and may not be closed, of all event types. */
export function WaitingBuckets(props: {
  waiting: CountedList<WaitingBucketLine>;
  now: Date;
  entityHref: (eventType: string) => string;
  /** Missing when the caller may not. */
  onForceClose?: (eventType: string, bucketStart: string) => void;
}) {
  const { waiting, now, entityHref, onForceClose } = props;
  const { items, total } = waiting;
  const overdue = items.filter(({ isOverdue }) => isOverdue).length;
  return (
    <Section
      id="waiting"
      title="Waiting buckets"
      answer={
        total === 0
          ? 'No bucket waits: whatever is over is sealed or being sealed.'
          : `${formatCountOf(
              total,
              'bucket is over and waits',
              'buckets are over and wait',
            )}, ${
              overdue === 0 ? 'all in time' : `${formatCount(overdue)} late`
            }. ${
              onForceClose
                ? ''
                : 'Closing one without what is missing is for the platform team.'
            }`
      }
    >
      {total > 0 && (
        <PlainTable caption="Waiting buckets, oldest first" columns={COLUMNS}>
          {items.map(line => {
            const { eventType, bucketStart, bucketEnd, reasons } = line;
            return (
              <tr key={`${eventType} ${bucketStart}`}>
                <th scope="row">
                  <Link href={entityHref(eventType)}>{eventType}</Link>
                </th>
                <td>{formatBucket(bucketStart, bucketEnd)}</td>
                <td>
                  <State line={line} />
                </td>
                <td>{formatAge(line.waitingSince, now)}</td>
                <td className={styles.prose}>
                  {line.isStale &&
                    `No worker has decided since ${formatAge(
                      line.decidedAt,
                      now,
                    )}; then: `}
                  {reasons.map(({ message }) => message).join('; ')}
                </td>
                <td>
                  {onForceClose && !line.isForced && (
                    <Button
                      variant="secondary"
                      size="small"
                      aria-label={`Force close ${formatBucket(
                        bucketStart,
                        bucketEnd,
                      )} of ${eventType}`}
                      onPress={() => onForceClose(eventType, bucketStart)}
                    >
                      Force close
                    </Button>
                  )}
                </td>
              </tr>
            );
          })}
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

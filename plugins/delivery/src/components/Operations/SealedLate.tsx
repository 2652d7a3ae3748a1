import { Link, Text } from '@backstage/ui';
import {
  NumericCell,
  PlainTable,
  formatAge,
  formatBucket,
  formatCount,
  formatCountOf,
  formatDuration,
  formatLateness,
} from '@millrace/plugin-data-platform-react';
import type {
  CountedList,
  LatePartitionLine,
} from '@millrace/plugin-delivery-common';
import { Section } from './Section';

const COLUMNS = [
  { id: 'type', label: 'Event type' },
  { id: 'bucket', label: 'Bucket' },
  { id: 'sealed', label: 'Sealed' },
  { id: 'lateness', label: 'Lateness', isNumeric: true },
  { id: 'objective', label: 'Objective', isNumeric: true },
];

/** Partitions that were sealed later than their tier allows, lately. */
export function SealedLate(props: {
  late: CountedList<LatePartitionLine>;
  now: Date;
  partitionHref: (eventType: string, bucketStart: string) => string;
}) {
  const { late, now, partitionHref } = props;
  const { items, total } = late;
  return (
    <Section
      id="late"
      title="Sealed late in the last 24 hours"
      answer={
        total === 0
          ? 'Every partition was sealed in time.'
          : `${formatCountOf(
              total,
              'partition was',
              'partitions were',
            )} sealed later than the tier allows, newest first.`
      }
    >
      {items.length > 0 && (
        <PlainTable caption="Partitions sealed late" columns={COLUMNS}>
          {items.map(line => {
            const { eventType, bucketStart, bucketEnd } = line;
            return (
              <tr key={`${eventType} ${bucketStart}`}>
                <th scope="row">{eventType}</th>
                <td>
                  <Link href={partitionHref(eventType, bucketStart)}>
                    {formatBucket(bucketStart, bucketEnd)}
                  </Link>
                </td>
                <td>{formatAge(line.sealedAt, now)}</td>
                <NumericCell>{formatLateness(line.latenessMs)}</NumericCell>
                <NumericCell>{formatDuration(line.objectiveMs)}</NumericCell>
              </tr>
            );
          })}
        </PlainTable>
      )}
      {total > items.length && (
        <Text as="p" color="secondary">
          There are {formatCount(total - items.length)} more.
        </Text>
      )}
    </Section>
  );
}

import { Link } from '@backstage/ui';
import {
  PlainTable,
  formatAge,
  formatBucket,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import type {
  CountedList,
  SealingLine,
} from '@millrace/plugin-delivery-common';
import { describeSealing } from './describeOperations';
import { Section } from './Section';
import styles from './Operations.module.css';

const COLUMNS = [
  { id: 'type', label: 'Event type' },
  { id: 'bucket', label: 'Bucket' },
  { id: 'began', label: 'Begun' },
  { id: 'step', label: 'Step' },
];

/** What is being sealed at this moment. */
export function Sealing(props: {
  sealing: CountedList<SealingLine>;
  now: Date;
  entityHref: (eventType: string) => string;
}) {
  const { sealing, now, entityHref } = props;
  const { items, total } = sealing;
  return (
    <Section
      id="sealing"
      title="Being sealed"
      answer={
        total === 0
          ? 'Nothing is being sealed right now.'
          : `${formatCountOf(
              total,
              'partition is',
              'partitions are',
            )} being sealed, begun first, first.`
      }
    >
      {total > 0 && (
        <PlainTable caption="Partitions being sealed" columns={COLUMNS}>
          {items.map(line => {
            const { eventType, bucketStart, bucketEnd, revision } = line;
            return (
              <tr key={`${eventType} ${bucketStart} ${revision}`}>
                <th scope="row">
                  <Link href={entityHref(eventType)}>{eventType}</Link>
                </th>
                <td>
                  {formatBucket(bucketStart, bucketEnd)}
                  {revision > 1 && `, revision ${revision}`}
                </td>
                <td>{formatAge(line.beganAt, now)}</td>
                <td className={styles.prose}>{describeSealing(line, now)}</td>
              </tr>
            );
          })}
        </PlainTable>
      )}
    </Section>
  );
}

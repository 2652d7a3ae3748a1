import {
  NumericCell,
  PlainTable,
  formatCount,
} from '@millrace/plugin-data-platform-react';
import type { PartitionSummary } from '@millrace/plugin-delivery-common';
import styles from './PartitionPanel.module.css';

const COLUMNS = [
  { id: 'fate', label: 'Fate' },
  { id: 'events', label: 'Events', isNumeric: true },
];

/** The sum every partition must close to, written as one. */
export function FateSum(props: { partition: PartitionSummary }) {
  const { accepted, delivered, duplicates, refused, conflicts, skewed } =
    props.partition;
  const sum = delivered + duplicates + refused;
  const fates = [
    { fate: 'delivered', events: delivered },
    { fate: '+ duplicates removed', events: duplicates },
    { fate: '+ refused at sealing, kept with reason', events: refused },
  ];
  return (
    <div className={styles.sum}>
      <PlainTable caption="What became of each event" columns={COLUMNS}>
        {fates.map(({ fate, events }) => (
          <tr key={fate}>
            <th scope="row">{fate}</th>
            <NumericCell>{formatCount(events)}</NumericCell>
          </tr>
        ))}
        <tr className={styles.total}>
          <th scope="row">
            {sum === accepted
              ? '= accepted'
              : `≠ ${formatCount(accepted)} accepted: an incident`}
          </th>
          <NumericCell>{formatCount(sum)}</NumericCell>
        </tr>
      </PlainTable>
      <ul className={styles.notes}>
        <li>
          {formatCount(skewed)} of them were received in an earlier bucket.
        </li>
        <li>
          {formatCount(conflicts)} came with an id that was known with other
          content; they are kept and marked <code>_id_conflict</code>.
        </li>
      </ul>
    </div>
  );
}

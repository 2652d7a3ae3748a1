import {
  NumericCell,
  PlainTable,
  formatCount,
} from '@millrace/plugin-data-platform-react';
import type {
  RevisionChange,
  RevisionOperation,
} from '@millrace/plugin-delivery-common';
import {
  COUNTED,
  bucketOfChange,
  formatDifference,
  sumOf,
} from './describeRevision';
import styles from './Revisions.module.css';

const COLUMNS = [
  { id: 'bucket', label: 'Partition' },
  { id: 'revision', label: 'Revision' },
  {
    id: 'batches',
    label: 'Batches',
    title: 'Those the new revision is made from; in and out of the partition',
  },
  { id: 'schema', label: 'Schema' },
  ...COUNTED.map(({ id, label }) => ({ id, label, isNumeric: true })),
];

function batchesOf({ batches, batchesIn, batchesOut }: RevisionChange): string {
  const moved = [
    batchesIn > 0 && `${formatCount(batchesIn)} in`,
    batchesOut > 0 && `${formatCount(batchesOut)} out`,
  ].filter(Boolean);
  return moved.length > 0
    ? `${formatCount(batches)} (${moved.join(', ')})`
    : formatCount(batches);
}

function schemaOf(change: RevisionChange): string {
  const { schemaVersionBefore: before, schemaVersionAfter: after } = change;
  if (before === undefined && after === undefined) {
    return '';
  }
  return after === undefined || before === after
    ? `version ${before ?? after}`
    : `version ${before ?? 'none'} → ${after}`;
}

/** A count before and after; the difference is marked by sign, weight, colour. */
function Count(props: { before: number; after: number | undefined }) {
  const { before, after } = props;
  if (after === undefined || after === before) {
    return <NumericCell>{formatCount(before)}</NumericCell>;
  }
  return (
    <NumericCell>
      {formatCount(before)} → {formatCount(after)}{' '}
      <span className={styles.difference}>
        {formatDifference(before, after)}
      </span>
    </NumericCell>
  );
}

/** What each partition holds before and after, and all of them in sum. */
export function ChangesTable(props: { operation: RevisionOperation }) {
  const { changes } = props.operation;
  const sum = sumOf(changes);
  return (
    <PlainTable caption="Counts before and after" columns={COLUMNS}>
      {changes.map(change => (
        <tr key={change.bucketStart}>
          <th scope="row">{bucketOfChange(change)}</th>
          <td>
            {change.fromRevision} → {change.toRevision}
          </td>
          <td>{batchesOf(change)}</td>
          <td>{schemaOf(change)}</td>
          {COUNTED.map(({ id }) => (
            <Count
              key={id}
              before={change.before[id]}
              after={change.after?.[id]}
            />
          ))}
        </tr>
      ))}
      {changes.length > 1 && (
        <tr className={styles.total}>
          <th scope="row">in sum</th>
          <td />
          <td />
          <td />
          {COUNTED.map(({ id }) => (
            <Count key={id} before={sum.before[id]} after={sum.after?.[id]} />
          ))}
        </tr>
      )}
    </PlainTable>
  );
}

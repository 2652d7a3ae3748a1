import { Link, Text } from '@backstage/ui';
import {
  NumericCell,
  PlainTable,
  StatusBadge,
  formatCount,
} from '@millrace/plugin-data-platform-react';
import type {
  KeySumsVerdict,
  LedgerLine,
  PartitionSummary,
} from '@millrace/plugin-delivery-common';
import {
  describeInFlight,
  formatCompleteness,
  imbalanceOf,
} from '../Partitions';
import { KEY_SUMS_WORDS } from './describePartition';
import styles from './PartitionPanel.module.css';

const COLUMNS = [
  { id: 'fate', label: 'Fate' },
  { id: 'events', label: 'Events', isNumeric: true },
];

/** What was received in the bucket, wherever it landed, written as a sum. */
export function LineSum(props: { line: LedgerLine; refusedHref: string }) {
  const { line, refusedHref } = props;
  const { accepted, delivered, duplicates, refused, inFlight } = line;
  const imbalance = imbalanceOf(line);
  const sum = delivered + duplicates + refused + inFlight.total;
  const onItsWay = describeInFlight(line);
  return (
    <section aria-label="Ledger line">
      <PlainTable
        caption="Received in this bucket"
        isCaptionVisible
        columns={COLUMNS}
      >
        <Term fate="delivered" events={delivered} />
        <Term fate="+ duplicates removed" events={duplicates} />
        <tr>
          <th scope="row">
            + refused at sealing
            {refused > 0 && (
              <>
                {', '}
                <Link href={refusedHref}>kept with reason</Link>
              </>
            )}
          </th>
          <NumericCell>{formatCount(refused)}</NumericCell>
        </tr>
        <Term fate="+ in flight" events={inFlight.total} />
        <tr className={styles.total}>
          <th scope="row">
            {imbalance
              ? `≠ ${formatCount(accepted)} accepted: ${imbalance}, an incident`
              : '= accepted'}
          </th>
          <NumericCell>{formatCount(sum)}</NumericCell>
        </tr>
      </PlainTable>
      <ul className={styles.notes}>
        {onItsWay && <li>In flight: {onItsWay}.</li>}
        {line.completeness !== undefined && (
          <li>
            Delivery completeness {formatCompleteness(line.completeness)}: what
            is delivered, or a copy of something that is.
          </li>
        )}
        {!line.isDeclared && accepted > 0 && (
          <li>
            Not every gateway has said yet how many events it accepted: the
            count may grow.
          </li>
        )}
        {duplicates > 0 && (
          <li>
            A duplicate is a copy of a delivered event, with the same source, id
            and content. The first copy lies here or in a partition of the 31
            days before; which one is not kept for each copy.
          </li>
        )}
      </ul>
    </section>
  );
}

function Term(props: { fate: string; events: number }) {
  return (
    <tr>
      <th scope="row">{props.fate}</th>
      <NumericCell>{formatCount(props.events)}</NumericCell>
    </tr>
  );
}

/** What this revision holds, which is not quite the same: late batches land later. */
export function FateSum(props: {
  partition: PartitionSummary;
  keySums?: KeySumsVerdict;
}) {
  const { accepted, delivered, duplicates, refused, conflicts, skewed } =
    props.partition;
  const { keySums } = props;
  const sum = delivered + duplicates + refused;
  return (
    <section aria-label="Books of this revision">
      <PlainTable
        caption="Sealed in this revision"
        isCaptionVisible
        columns={COLUMNS}
      >
        <Term fate="delivered" events={delivered} />
        <Term fate="+ duplicates removed" events={duplicates} />
        <Term fate="+ refused at sealing" events={refused} />
        <tr className={styles.total}>
          <th scope="row">
            {sum === accepted
              ? '= put in'
              : `≠ ${formatCount(accepted)} put in: an incident`}
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
      {keySums && (
        <Text as="p">
          <StatusBadge status={KEY_SUMS_WORDS[keySums.verdict].status}>
            {KEY_SUMS_WORDS[keySums.verdict].word}
          </StatusBadge>{' '}
          {keySums.message}.
        </Text>
      )}
    </section>
  );
}

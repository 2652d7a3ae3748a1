import { Button, Link } from '@backstage/ui';
import {
  NumericCell,
  PlainTable,
  StatusBadge,
  formatBucket,
  formatCount,
  formatCountOf,
  formatLateness,
} from '@millrace/plugin-data-platform-react';
import type {
  LedgerPage,
  LedgerRow,
  LedgerUnit,
} from '@millrace/plugin-delivery-common';
import { useState } from 'react';
import { BucketLooks } from './BucketLooks';
import {
  describeExpectation,
  describeInFlight,
  foldQuiet,
  formatCompleteness,
  formatSpan,
  imbalanceOf,
  lookCounts,
  looksOf,
} from './describeRow';
import { StagesBar } from './StagesBar';
import styles from './LedgerTable.module.css';

const DUPLICATES =
  'Copies of an event that is delivered: the same source, id and content, here or in a partition of the 31 days before. Producers that retry make them.';

function columnsOf(unit: LedgerUnit) {
  const label = { bucket: 'Received in', hour: 'Hour', day: 'Day' }[unit];
  return [
    { id: 'span', label },
    { id: 'state', label: 'State' },
    { id: 'accepted', label: 'Accepted', isNumeric: true },
    { id: 'delivered', label: '= Delivered', isNumeric: true },
    {
      id: 'duplicates',
      label: '+ Duplicates',
      isNumeric: true,
      title: DUPLICATES,
    },
    {
      id: 'refused',
      label: '+ Refused',
      isNumeric: true,
      title:
        'At sealing, kept with a reason. What a gateway refused was never accepted.',
    },
    {
      id: 'inFlight',
      label: '+ In flight',
      isNumeric: true,
      title: 'Accepted, and in no sealed partition yet',
    },
    { id: 'sum', label: 'Adds up' },
    {
      id: 'completeness',
      label: 'Complete',
      isNumeric: true,
      title: '(delivered + duplicates) ÷ accepted',
    },
    {
      id: 'lateness',
      label: 'Lateness',
      title: 'From the end of the bucket to its first delivery',
    },
  ];
}

/** Rows of the ledger: what was accepted, what became of it, and how late. */
export function LedgerTable(props: {
  caption: string;
  page: LedgerPage;
  now: Date;
  /** Where a row leads: to its bucket, or further in. */
  hrefOf: (row: LedgerRow) => string | undefined;
  /** Where the refused events of a row are listed. */
  refusedHrefOf?: (row: LedgerRow) => string;
}) {
  const { caption, page, now, hrefOf, refusedHrefOf } = props;
  const { unit, items, objectiveMs } = page;
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const columns = columnsOf(unit);
  const rowOf = (row: LedgerRow) => (
    <LedgerTableRow
      key={row.start}
      row={row}
      unit={unit}
      now={now}
      objectiveMs={objectiveMs}
      href={hrefOf(row)}
      refusedHref={refusedHrefOf?.(row)}
    />
  );
  return (
    <PlainTable caption={caption} columns={columns}>
      {foldQuiet(items).map(run => {
        if ('row' in run) {
          return rowOf(run.row);
        }
        const newest = run.quiet[0];
        const oldest = run.quiet[run.quiet.length - 1];
        // By its oldest row: new quiet ones join a run at its other end.
        if (unfolded.has(oldest.start)) {
          return run.quiet.map(rowOf);
        }
        return (
          <tr key={oldest.start}>
            <td colSpan={columns.length} className={styles.quiet}>
              {formatCountOf(run.quiet.length, 'bucket')} without an event,{' '}
              {formatBucket(oldest.start, newest.end)}, each sealed empty and in
              time.{' '}
              <Button
                variant="tertiary"
                size="small"
                onPress={() =>
                  setUnfolded(known => new Set([...known, oldest.start]))
                }
              >
                Show them
              </Button>
            </td>
          </tr>
        );
      })}
    </PlainTable>
  );
}

function LedgerTableRow(props: {
  row: LedgerRow;
  unit: LedgerUnit;
  now: Date;
  objectiveMs: number;
  href?: string;
  refusedHref?: string;
}) {
  const { row, unit, now, objectiveMs, href, refusedHref } = props;
  const { line, bucket } = row;
  const span = formatSpan(row, unit);
  const imbalance = imbalanceOf(line);
  return (
    <tr>
      <th scope="row">{href ? <Link href={href}>{span}</Link> : span}</th>
      <td>
        <BucketLooks
          looks={
            bucket
              ? looksOf(bucket).map(look => ({
                  look,
                  word:
                    look === 'revised'
                      ? `revision ${bucket.partition?.revision}`
                      : undefined,
                }))
              : lookCounts(row).map(([look, count]) => ({ look, count }))
          }
        />
        {bucket?.waiting?.reasons.map(({ code, message }) => (
          <div key={`${code} ${message}`} className={styles.note}>
            {message}
          </div>
        ))}
      </td>
      <NumericCell>
        {formatCount(line.accepted)}
        {!line.isDeclared && line.accepted > 0 && (
          <span
            className={styles.soFar}
            title="Not every gateway has said yet how many it accepted"
          >
            {' '}
            so far
          </span>
        )}
      </NumericCell>
      <NumericCell>{formatCount(line.delivered)}</NumericCell>
      <NumericCell>{formatCount(line.duplicates)}</NumericCell>
      <NumericCell>
        {line.refused > 0 && refusedHref ? (
          <Link href={refusedHref}>{formatCount(line.refused)}</Link>
        ) : (
          formatCount(line.refused)
        )}
      </NumericCell>
      <NumericCell>
        <span title={describeInFlight(line) || undefined}>
          {formatCount(line.inFlight.total)}
        </span>
      </NumericCell>
      <td>
        {imbalance ? (
          <StatusBadge status="bad">{imbalance}</StatusBadge>
        ) : (
          <StatusBadge status="good">to zero</StatusBadge>
        )}
      </td>
      <NumericCell>{formatCompleteness(line.completeness)}</NumericCell>
      <td>
        {bucket ? (
          <BucketLateness row={row} objectiveMs={objectiveMs} now={now} />
        ) : (
          row.lateness &&
          `median ${formatLateness(
            row.lateness.medianMs,
          )}, at most ${formatLateness(row.lateness.maxMs)}`
        )}
      </td>
    </tr>
  );
}

function BucketLateness(props: {
  row: LedgerRow;
  objectiveMs: number;
  now: Date;
}) {
  const { row, objectiveMs, now } = props;
  const { bucket, lateness } = row;
  if (!bucket) {
    return null;
  }
  return (
    <>
      {lateness && <strong>{formatLateness(lateness.maxMs)}</strong>}{' '}
      {lateness && bucket.stages && (
        <StagesBar
          stages={bucket.stages}
          latenessMs={lateness.maxMs}
          objectiveMs={objectiveMs}
        />
      )}
      <div className={styles.note}>{describeExpectation(bucket, now)}</div>
      {bucket.state === 'sealed' && !bucket.stages && (
        <div className={styles.note}>stages not recorded</div>
      )}
    </>
  );
}

import {
  StackedBar,
  TimeBars,
  bucketWord,
  formatBucket,
  formatCount,
} from '@millrace/plugin-data-platform-react';
import type {
  DeliveryOverviewRow,
  DeliveryStatus,
} from '@millrace/plugin-delivery-common';
import { useMemo } from 'react';
import { deliveredPerBucket, describeDelivered, fatesOf } from './lately';

/** Fewer bars are no course of anything. */
const MIN_POINTS = 3;

/** What became of the events of all types, and how many there were per bucket. */
export function LatelyCharts(props: {
  rows: DeliveryOverviewRow[];
  status: DeliveryStatus;
}) {
  const { rows, status } = props;
  const word = bucketWord(status.bucketSeconds);
  const parts = useMemo(() => fatesOf(rows), [rows]);
  const points = useMemo(() => deliveredPerBucket(rows), [rows]);
  const ends = useMemo(
    () => new Map(points.map(({ at, end }) => [at, end])),
    [points],
  );
  return (
    <>
      <StackedBar
        title="What became of the events of the last 24 hours"
        parts={parts}
      />
      {points.length >= MIN_POINTS && (
        <TimeBars
          title={`Events delivered per ${word}`}
          summary={describeDelivered(points, word)}
          points={points}
          formatValue={formatCount}
          describe={at => formatBucket(at, ends.get(at) ?? at)}
          columns={['Bucket', 'Delivered']}
        />
      )}
    </>
  );
}

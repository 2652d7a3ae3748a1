import { Text } from '@backstage/ui';
import {
  NumericCell,
  PlainTable,
  formatDuration,
  formatLateness,
  formatUtcTime,
} from '@millrace/plugin-data-platform-react';
import type { PartitionDetail } from '@millrace/plugin-delivery-common';
import { StagesBar, StagesLegend } from '../Partitions';
import { formatShare, stagePointsOf } from './describePartition';
import styles from './PartitionPanel.module.css';

const COLUMNS = [
  { id: 'what', label: 'Stage' },
  { id: 'at', label: 'At' },
  { id: 'clock', label: 'By the clock of the' },
  { id: 'share', label: 'Of the lateness', isNumeric: true },
];

/** Where the time between the end of the bucket and its readers went. */
export function StagesTimeline(props: {
  partition: PartitionDetail;
  objectiveMs: number;
}) {
  const { partition, objectiveMs } = props;
  const { stages, latenessMs, bucketEnd } = partition;
  if (latenessMs === undefined) {
    return null;
  }
  return (
    <section aria-label="Lateness">
      <Text as="h3" variant="title-x-small" weight="bold">
        Lateness {formatLateness(latenessMs)}
        {partition.revisions.length > 1 && ', of the first delivery'}
      </Text>
      {stages ? (
        <div className={styles.stages}>
          <StagesLegend />
          <StagesBar
            stages={stages}
            latenessMs={latenessMs}
            objectiveMs={objectiveMs}
            isWide
          />
          <PlainTable caption="Stages of lateness" columns={COLUMNS}>
            {stagePointsOf(stages, bucketEnd).map(({ what, clock, at, ms }) => (
              <tr key={what}>
                <th scope="row">{what}</th>
                <td>{at === undefined ? 'none' : formatUtcTime(at)}</td>
                <td>{clock}</td>
                <NumericCell>
                  {ms !== undefined && formatShare(ms, latenessMs)}
                </NumericCell>
              </tr>
            ))}
          </PlainTable>
          {stages.clocksDifferMs !== undefined && (
            <p className={styles.notes}>
              The clocks of these machines differ by{' '}
              {formatDuration(stages.clocksDifferMs)} at least: a stage that
              seems to end before the one before it counts as nothing.
            </p>
          )}
        </div>
      ) : (
        <p className={styles.notes}>
          Not recorded: it was sealed before stages were kept.
        </p>
      )}
    </section>
  );
}

import { Button, Checkbox, Flex, Skeleton, Text } from '@backstage/ui';
import {
  EmptyState,
  NumericCell,
  PlainTable,
  ProblemPanel,
  formatBucket,
  formatCount,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import { useRevisable } from './useRevisable';
import styles from './Revisions.module.css';

/** The backend takes so many in one operation. */
export const MAX_BUCKETS = 168;

const COLUMNS = [
  { id: 'bucket', label: 'Partition' },
  { id: 'revision', label: 'Revision', isNumeric: true },
  { id: 'delivered', label: 'Delivered', isNumeric: true },
  { id: 'refused', label: 'Refused', isNumeric: true },
  {
    id: 'skewed',
    label: 'Skewed',
    title: 'Events that were received in an earlier bucket',
    isNumeric: true,
  },
];

/** Chooses sealed partitions of an event type. */
export function BucketPicker(props: {
  eventType: string;
  chosen: string[];
  onChange: (buckets: string[]) => void;
}) {
  const { eventType, chosen, onChange } = props;
  const { partitions, error, reload, loadMore } = useRevisable(eventType);
  const isChosen = (start: string) => chosen.includes(start);
  // Named in the address and older than what is listed.
  const unlisted = partitions
    ? chosen.filter(
        start => !partitions.some(({ bucketStart }) => bucketStart === start),
      )
    : [];

  return (
    <Flex direction="column" gap="3">
      <div role="status">
        <Text as="p" color="secondary">
          {chosen.length === 0
            ? 'None is chosen yet.'
            : `${formatCountOf(chosen.length, 'partition')} chosen${
                unlisted.length > 0
                  ? `, ${formatCount(unlisted.length)} of them not listed here`
                  : ''
              }.`}
          {chosen.length > MAX_BUCKETS &&
            ` One operation takes ${MAX_BUCKETS} at most.`}
        </Text>
      </div>
      {error && (
        <ProblemPanel
          what="The partitions could not be listed."
          error={error}
          onRetry={reload}
        />
      )}
      {!partitions && !error && <Skeleton width="100%" height={160} />}
      {partitions?.length === 0 && (
        <EmptyState
          title="Nothing is sealed yet"
          description="A repair makes sealed partitions again; this event type has none."
        />
      )}
      {partitions && partitions.length > 0 && (
        <div className={styles.buckets}>
          <PlainTable
            caption={`Sealed partitions of ${eventType}, newest first`}
            columns={COLUMNS}
          >
            {partitions.map(partition => {
              const { bucketStart, bucketEnd } = partition;
              const name = formatBucket(bucketStart, bucketEnd);
              return (
                <tr key={bucketStart}>
                  <th scope="row">
                    <Checkbox
                      isSelected={isChosen(bucketStart)}
                      onChange={isSelected =>
                        onChange(
                          isSelected
                            ? [...chosen, bucketStart].sort()
                            : chosen.filter(start => start !== bucketStart),
                        )
                      }
                    >
                      {name}
                    </Checkbox>
                  </th>
                  <NumericCell>{partition.revision}</NumericCell>
                  <NumericCell>{formatCount(partition.delivered)}</NumericCell>
                  <NumericCell>{formatCount(partition.refused)}</NumericCell>
                  <NumericCell>{formatCount(partition.skewed)}</NumericCell>
                </tr>
              );
            })}
          </PlainTable>
        </div>
      )}
      <Flex gap="3">
        {loadMore && (
          <Button variant="tertiary" size="small" onPress={loadMore}>
            List older partitions
          </Button>
        )}
        {chosen.length > 0 && (
          <Button variant="tertiary" size="small" onPress={() => onChange([])}>
            Choose none
          </Button>
        )}
      </Flex>
    </Flex>
  );
}

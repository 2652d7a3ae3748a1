import { Button, Flex, Link, Skeleton, Switch, Text } from '@backstage/ui';
import {
  CountsText,
  EmptyState,
  LatenessText,
  NumericCell,
  PlainTable,
  ProblemPanel,
  type Status,
  StatusBadge,
  formatBucket,
  formatBytes,
  formatCount,
  lookOf,
} from '@millrace/plugin-data-platform-react';
import { useState } from 'react';
import { partitionHref } from './partitionLink';
import { partitionKey, usePartitions } from './usePartitions';

const COLUMNS = [
  { id: 'bucket', label: 'Bucket' },
  { id: 'state', label: 'State' },
  { id: 'lateness', label: 'Lateness' },
  { id: 'counts', label: 'Events' },
  {
    id: 'skewed',
    label: 'Skewed',
    title: 'Events that were received in an earlier bucket',
    isNumeric: true,
  },
  { id: 'size', label: 'Size', isNumeric: true },
];

const STATUS: Record<ReturnType<typeof lookOf>, Status> = {
  sealed: 'good',
  'sealed late': 'attention',
  empty: 'good',
  sealing: 'waiting',
};

/** The partitions of an event type, each with its fate and its counts. */
export function Partitions(props: {
  name: string;
  entityHref: string;
  objectiveMs: number;
}) {
  const { name, entityHref, objectiveMs } = props;
  const [hidesEmpty, setHidesEmpty] = useState(true);
  const { items, error, isLoading, reload, loadOlder, isLoadingOlder } =
    usePartitions(name, !hidesEmpty);

  return (
    <section aria-label="Partitions">
      <Flex direction="column" gap="3">
        <Flex align="center" justify="between">
          <Text as="h3" variant="title-x-small" weight="bold">
            Partitions
          </Text>
          <Switch
            label="Hide empty partitions"
            isSelected={hidesEmpty}
            onChange={setHidesEmpty}
          />
        </Flex>
        {error && (
          <ProblemPanel
            what="The partitions could not be loaded."
            error={error}
            onRetry={reload}
          />
        )}
        {isLoading && <Skeleton width="100%" height={160} />}
        {items && items.length > 0 && (
          <PlainTable caption={`Partitions of ${name}`} columns={COLUMNS}>
            {items.map(partition => {
              const look = lookOf(partition, objectiveMs);
              const isSealed = partition.state === 'sealed';
              return (
                <tr key={partitionKey(partition)}>
                  <th scope="row">
                    <Link
                      href={partitionHref(entityHref, partition.bucketStart)}
                    >
                      {formatBucket(partition.bucketStart, partition.bucketEnd)}
                    </Link>
                    {partition.revision > 1 &&
                      ` revision ${partition.revision}`}
                  </th>
                  <td>
                    <StatusBadge status={STATUS[look]}>{look}</StatusBadge>
                  </td>
                  <td>
                    <LatenessText {...partition} />
                  </td>
                  <td>{isSealed && <CountsText counts={partition} />}</td>
                  <NumericCell>
                    {isSealed && formatCount(partition.skewed)}
                  </NumericCell>
                  <NumericCell>
                    {isSealed && formatBytes(partition.bytes)}
                  </NumericCell>
                </tr>
              );
            })}
          </PlainTable>
        )}
        {items?.length === 0 && (
          <EmptyState
            title={
              hidesEmpty
                ? 'No partition with events yet'
                : 'No partition is sealed yet'
            }
            description="Send an event; its partition is sealed soon after the bucket it was received in ends."
          />
        )}
        {loadOlder && (
          <Flex>
            <Button
              variant="secondary"
              isPending={isLoadingOlder}
              onPress={loadOlder}
            >
              Load older partitions
            </Button>
          </Flex>
        )}
      </Flex>
    </section>
  );
}

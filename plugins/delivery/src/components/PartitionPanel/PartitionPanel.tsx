import { useApi } from '@backstage/frontend-plugin-api';
import {
  Dialog,
  DialogBody,
  DialogHeader,
  Flex,
  Skeleton,
  Text,
} from '@backstage/ui';
import {
  EmptyState,
  ProblemPanel,
  isNotFound,
  formatBucket,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import { useCallback } from 'react';
import { deliveryApiRef } from '../../api';
import { ClosingDecision } from './ClosingDecision';
import { describePartition } from './describePartition';
import { FateSum } from './FateSum';
import { PartitionFiles } from './PartitionFiles';
import { PartitionRows } from './PartitionRows';

/** A sealed partition never changes; one that is sealing does within seconds. */
const REFRESH_INTERVAL_MS = 5000;

/** Everything about one partition: its fate, its proof, and its rows. */
export function PartitionPanel(props: {
  name: string;
  /** Who grants access to the rows, when known. */
  owner?: string;
  /** As in the address bar; anything may stand there. */
  bucketStart: string;
  onClose: () => void;
}) {
  const { name, owner, bucketStart, onClose } = props;
  const api = useApi(deliveryApiRef);
  const load = useCallback(
    (signal: AbortSignal) => api.getPartition(name, bucketStart, { signal }),
    [api, name, bucketStart],
  );
  const {
    value: partition,
    error,
    isLoading,
    reload,
  } = usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });

  return (
    <Dialog
      isOpen
      onOpenChange={isOpen => {
        if (!isOpen) {
          onClose();
        }
      }}
      width={1120}
    >
      <DialogHeader>
        {partition
          ? `${name}, ${formatBucket(
              partition.bucketStart,
              partition.bucketEnd,
            )}`
          : `${name}, ${bucketStart}`}
      </DialogHeader>
      <DialogBody>
        {isLoading && <Skeleton width="100%" height={240} />}
        {error && !partition && isNotFound(error) && (
          <EmptyState
            title="There is no such partition"
            description="Nothing was received in this bucket, it is not sealed yet, or the address names a time at which no bucket starts."
          />
        )}
        {error && !partition && !isNotFound(error) && (
          <ProblemPanel
            what="The partition could not be loaded."
            error={error}
            onRetry={reload}
          />
        )}
        {partition && (
          <Flex direction="column" gap="5">
            <Text as="p" variant="body-large">
              {describePartition(partition)}
            </Text>
            {partition.state === 'sealed' && (
              <>
                <FateSum partition={partition} />
                <PartitionFiles partition={partition} />
                <PartitionRows
                  name={name}
                  owner={owner}
                  bucketStart={partition.bucketStart}
                  delivered={partition.delivered}
                />
              </>
            )}
            <ClosingDecision decision={partition.decision} />
          </Flex>
        )}
      </DialogBody>
    </Dialog>
  );
}

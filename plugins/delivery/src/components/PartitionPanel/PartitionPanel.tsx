import {
  Alert,
  Dialog,
  DialogBody,
  DialogHeader,
  Flex,
  Link,
  Skeleton,
  Text,
} from '@backstage/ui';
import {
  EmptyState,
  ProblemPanel,
  formatBucket,
  isNotFound,
} from '@millrace/plugin-data-platform-react';
import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router-dom';
import { BucketLooks, PARTITION_PARAM, REVISION_PARAM } from '../Partitions';
import { refusedHref } from '../RefusedEvents/refusedLink';
import { AuditVerdict } from './AuditVerdict';
import { ClosingDecision } from './ClosingDecision';
import { describePartition, describeStanding } from './describePartition';
import { GatewayLines } from './GatewayLines';
import { FateSum, LineSum } from './LineSum';
import { OpenBucket } from './OpenBucket';
import { PartitionFiles } from './PartitionFiles';
import { PartitionRows } from './PartitionRows';
import { PartitionSinks } from './PartitionSinks';
import { Revisions } from './Revisions';
import { StagesTimeline } from './StagesTimeline';
import { type BucketKnowledge, usePartitionPanel } from './usePartitionPanel';
import styles from './PartitionPanel.module.css';

/** A bucket that actions may be taken on. */
export interface PanelSubject {
  eventType: string;
  bucketStart: string;
  /** The revision that is shown; missing until the bucket is closed. */
  revision?: number;
}

interface PartitionPanelProps {
  name: string;
  /** Who grants access to the rows, when known. */
  owner?: string;
  /** The lateness up to which a bucket of its tier is on time. */
  objectiveMs: number;
  /** As in the address bar; anything may stand there. */
  bucketStart: string;
  /** Without one, that which readers see. */
  revision?: number;
  /** What may be done with it, beside its name. */
  actions?: (subject: PanelSubject) => ReactNode;
  onClose: () => void;
}

/** Everything about one bucket: its fate, its proof, and its rows. */
export function PartitionPanel(props: PartitionPanelProps) {
  const { name, bucketStart, revision, actions, onClose } = props;
  const { value, error, isLoading, reload } = usePartitionPanel(
    name,
    bucketStart,
    revision,
  );
  const bucket = value?.partition ?? value?.closing;
  const isUnknown =
    value && !value.partition && value.closing.state === 'nothing-owed';

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
        {bucket
          ? `${name}, ${formatBucket(bucket.bucketStart, bucket.bucketEnd)}`
          : `${name}, ${bucketStart}`}
      </DialogHeader>
      <DialogBody>
        {isLoading && <Skeleton width="100%" height={240} />}
        {error && isNotFound(error) && (
          <EmptyState
            title="There is no such partition"
            description="The address names a revision that the bucket does not have."
          />
        )}
        {error && !isNotFound(error) && (
          <ProblemPanel
            what={
              value
                ? 'The partition could not be refreshed; this is what was known.'
                : 'The partition could not be loaded.'
            }
            error={error}
            onRetry={reload}
          />
        )}
        {isUnknown && (
          <EmptyState
            title="There is no such partition"
            description={`${value.closing.message}.`}
          />
        )}
        {value && !isUnknown && (
          <Flex direction="column" gap="5">
            {actions && (
              <div className={styles.actions}>
                {actions({
                  eventType: name,
                  bucketStart: value.closing.bucketStart,
                  revision: value.partition?.revision,
                })}
              </div>
            )}
            <PanelContent {...props} known={value} />
          </Flex>
        )}
      </DialogBody>
    </Dialog>
  );
}

function PanelContent(props: PartitionPanelProps & { known: BucketKnowledge }) {
  const { name, owner, objectiveMs, known } = props;
  const { line, closing, partition, audit } = known;
  const [search] = useSearchParams();
  const hrefOf = (revision?: number) => {
    const next = new URLSearchParams(search);
    next.set(PARTITION_PARAM, closing.bucketStart);
    next.delete(REVISION_PARAM);
    if (revision !== undefined) {
      next.set(REVISION_PARAM, String(revision));
    }
    return `?${next}`;
  };
  const closed = new URLSearchParams(search);
  closed.delete(PARTITION_PARAM);
  closed.delete(REVISION_PARAM);
  const standing = partition && describeStanding(partition);
  const isSealed = partition?.state === 'sealed';

  return (
    <>
      {standing && (
        <Alert
          status="info"
          icon
          title={standing}
          customActions={<Link href={hrefOf()}>Show the live revision</Link>}
        />
      )}
      {partition ? (
        <Text as="p" variant="body-large">
          {describePartition(partition)}{' '}
          {partition.isForced && <BucketLooks looks={[{ look: 'forced' }]} />}
        </Text>
      ) : (
        <OpenBucket closing={closing} />
      )}
      <div className={styles.sums}>
        <LineSum
          line={line.line}
          refusedHref={refusedHref(closed, {
            start: closing.bucketStart,
            end: closing.bucketEnd,
          })}
        />
        {partition && isSealed && (
          <FateSum partition={partition} keySums={partition.keySums} />
        )}
      </div>
      <GatewayLines detail={line} />
      {partition && isSealed && (
        <>
          <StagesTimeline partition={partition} objectiveMs={objectiveMs} />
          <Revisions
            partition={partition}
            hrefOf={({ revision, isLive }) =>
              hrefOf(isLive ? undefined : revision)
            }
          />
          <PartitionFiles partition={partition} />
          <AuditVerdict partition={partition} audit={audit} />
          <PartitionSinks sinks={partition.sinks} />
        </>
      )}
      {partition && (
        <ClosingDecision decision={closing.decision ?? partition.decision} />
      )}
      {partition && isSealed && (
        <PartitionRows
          name={name}
          owner={owner}
          bucketStart={partition.bucketStart}
          revision={partition.revision}
          delivered={partition.delivered}
        />
      )}
    </>
  );
}

import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import {
  Alert,
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Flex,
  Skeleton,
  Text,
  TextAreaField,
} from '@backstage/ui';
import {
  NumericCell,
  PlainTable,
  ProblemPanel,
  formatBucket,
  formatCount,
  formatCountOf,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import type {
  BucketClosing,
  MissingEvents,
  MissingOfGateway,
} from '@millrace/plugin-delivery-common';
import { useCallback, useState } from 'react';
import { deliveryApiRef } from '../../api';

/** What is missing changes while one reads. */
const REFRESH_INTERVAL_MS = 3000;

/** The backend wants a reason that says something, and no essay. */
const REASON_LENGTH = { min: 10, max: 1000 };

/** Numbers in a cell; the rest is counted. */
const MAX_NUMBERS = 8;

const COLUMNS = [
  { id: 'gateway', label: 'Gateway' },
  { id: 'epoch', label: 'Epoch' },
  { id: 'batches', label: 'Batches not staged' },
  { id: 'events', label: 'Events at most', isNumeric: true },
];

function numbers(batches: number[]): string {
  const listed = batches.slice(0, MAX_NUMBERS).join(', ');
  const rest = batches.length - MAX_NUMBERS;
  return rest > 0 ? `${listed} and ${formatCount(rest)} more` : listed;
}

function batchesOf({ declared, batches }: MissingOfGateway): string {
  return declared ? numbers(batches) : 'it has not declared, so nobody can say';
}

/** What the partition would lack, in one sentence. */
function describeMissing({ gateways, eventsAtMost }: MissingEvents): string {
  if (gateways.length === 0) {
    return 'Nothing is known to be missing at this moment.';
  }
  return eventsAtMost === undefined
    ? 'Nobody can say how many events would be missing: a gateway has not declared what it published.'
    : `At most ${formatCountOf(eventsAtMost, 'event')} would be missing.`;
}

function Missing({ closing }: { closing: BucketClosing }) {
  const { missing } = closing;
  return (
    <Flex direction="column" gap="3">
      <Text as="p">{closing.message}.</Text>
      {missing && (
        <>
          <div role="status">
            <Text as="p" weight="bold">
              {describeMissing(missing)}
            </Text>
          </div>
          {missing.gateways.length > 0 && (
            <PlainTable caption="What is missing, by gateway" columns={COLUMNS}>
              {missing.gateways.map(gateway => (
                <tr key={`${gateway.gateway} ${gateway.epoch}`}>
                  <th scope="row">{gateway.gateway}</th>
                  <td>{gateway.epoch}</td>
                  <td>{batchesOf(gateway)}</td>
                  <NumericCell>
                    {gateway.eventsAtMost === undefined
                      ? 'unknown'
                      : formatCount(gateway.eventsAtMost)}
                  </NumericCell>
                </tr>
              ))}
            </PlainTable>
          )}
        </>
      )}
    </Flex>
  );
}

/**
 * Closes a bucket without what is missing: first what that would be, then why.
 */
export function ForceCloseDialog(props: {
  eventType: string;
  /** As in the address bar; anything may stand there. */
  bucketStart: string;
  onForced: () => void;
  onClose: () => void;
}) {
  const { eventType, bucketStart, onForced, onClose } = props;
  const api = useApi(deliveryApiRef);
  const [reason, setReason] = useState('');
  const [isAttempted, setAttempted] = useState(false);
  const [isClosing, setClosing] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const load = useCallback(
    (signal: AbortSignal) => api.getClosing(eventType, bucketStart, { signal }),
    [api, eventType, bucketStart],
  );
  const {
    value: closing,
    error,
    isLoading,
    reload,
  } = usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });
  const isReasonGiven = reason.trim().length >= REASON_LENGTH.min;
  const isForced = closing?.forced !== undefined;
  const mayForce = closing?.state === 'waiting' && !isForced;

  const force = async () => {
    setAttempted(true);
    if (!isReasonGiven) {
      return;
    }
    setClosing(true);
    setFailure(undefined);
    try {
      await api.forceCloseBucket(eventType, bucketStart, {
        reason: reason.trim(),
      });
      onForced();
    } catch (cause) {
      // What was filled in stays, to be tried again.
      setFailure(toError(cause));
      setClosing(false);
      reload();
    }
  };

  return (
    <Dialog
      isOpen
      // A click beside it must not throw away what was filled in.
      isDismissable={false}
      onOpenChange={isOpen => {
        if (!isOpen) {
          onClose();
        }
      }}
      width={800}
    >
      <DialogHeader>
        {closing
          ? `Force close ${eventType}, ${formatBucket(
              closing.bucketStart,
              closing.bucketEnd,
            )}`
          : `Force close ${eventType}`}
      </DialogHeader>
      <DialogBody>
        <Flex direction="column" gap="5">
          {isLoading && <Skeleton width="100%" height={160} />}
          {error && (
            <ProblemPanel
              what={
                closing
                  ? 'What is missing could not be refreshed; this is what was known.'
                  : 'What is missing could not be loaded.'
              }
              error={error}
              onRetry={reload}
            />
          )}
          {closing && <Missing closing={closing} />}
          {isForced && (
            <Alert
              status="info"
              icon
              title="It is closed within seconds"
              description={`${closing.forced?.requestedBy} has ordered it: ${closing.forced?.reason}`}
            />
          )}
          {closing && !mayForce && !isForced && (
            <Alert
              status="info"
              icon
              title="There is nothing to close by force"
              description="Only a bucket that is over and waits can be; this one does not any more."
            />
          )}
          {mayForce && (
            <>
              <Text as="p">
                It cannot be taken back. What arrives later is not lost: it
                lands in the bucket that is open then, and can be moved here by
                a reshuffle.
              </Text>
              <TextAreaField
                label="Reason"
                secondaryLabel="It is kept in the manifest and in the audit log"
                isRequired
                maxLength={REASON_LENGTH.max}
                value={reason}
                onChange={setReason}
                validationBehavior="aria"
                validate={() =>
                  !isAttempted ||
                  isReasonGiven ||
                  `Say why, in at least ${REASON_LENGTH.min} characters.`
                }
              />
            </>
          )}
          {failure && (
            <ProblemPanel what="The bucket was not closed." error={failure} />
          )}
        </Flex>
      </DialogBody>
      <DialogFooter>
        {mayForce && (
          <Button destructive isPending={isClosing} onPress={force}>
            Close it without them
          </Button>
        )}
        <Button variant="secondary" onPress={onClose}>
          {mayForce ? 'Let it wait' : 'Close'}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button, Flex, Radio, RadioGroup, Select, Text } from '@backstage/ui';
import { ProblemPanel, usePolling } from '@millrace/plugin-data-platform-react';
import type { RevisionOperation } from '@millrace/plugin-delivery-common';
import { useCallback, useState } from 'react';
import { deliveryApiRef } from '../../api';
import { BucketPicker, MAX_BUCKETS } from './BucketPicker';
import {
  REVISION_KIND,
  REVISION_KINDS,
  isRevisionKind,
} from './describeRevision';
import type { RepairAddress } from './useRepairAddress';
import styles from './Revisions.module.css';

function useEventTypeNames() {
  const api = useApi(deliveryApiRef);
  const load = useCallback(
    async (signal: AbortSignal) =>
      (await api.getOverview({ signal })).map(({ eventType }) => eventType),
    [api],
  );
  return usePolling(load, {});
}

/** Which partitions are made again, and how; then its preview is asked for. */
export function RequestRepair(props: {
  address: RepairAddress;
  /** The event type is given by where the dialog was opened. */
  isTypeFixed: boolean;
  onChange: (address: RepairAddress) => void;
  onRequested: (operation: RevisionOperation) => void;
  onClose: () => void;
}) {
  const { address, isTypeFixed, onChange, onRequested, onClose } = props;
  const { eventType, kind, buckets } = address;
  const api = useApi(deliveryApiRef);
  const names = useEventTypeNames();
  const [isAsking, setAsking] = useState(false);
  const [error, setError] = useState<Error>();
  const isComplete =
    eventType !== '' &&
    kind !== undefined &&
    buckets.length > 0 &&
    buckets.length <= MAX_BUCKETS;

  const ask = async () => {
    if (!kind) {
      return;
    }
    setAsking(true);
    setError(undefined);
    try {
      onRequested(await api.requestRevision(eventType, { kind, buckets }));
    } catch (cause) {
      // What was chosen stays, to be corrected.
      setError(toError(cause));
      setAsking(false);
    }
  };

  return (
    <Flex direction="column" gap="6">
      {!isTypeFixed && (
        <section aria-labelledby="repair-type">
          <h3 id="repair-type" className={styles.heading}>
            Whose partitions
          </h3>
          <Select
            label="Event type"
            isRequired
            search={{ placeholder: 'Search event types' }}
            placeholder="Choose an event type"
            options={(names.value ?? []).map(id => ({ id, label: id }))}
            value={eventType || null}
            onChange={value =>
              onChange({ ...address, eventType: String(value), buckets: [] })
            }
          />
          {names.error && !names.value && (
            <ProblemPanel
              what="The event types could not be listed."
              error={names.error}
              onRetry={names.reload}
            />
          )}
        </section>
      )}
      <section aria-labelledby="repair-kind">
        <h3 id="repair-kind" className={styles.heading}>
          How they are made again
        </h3>
        <RadioGroup
          aria-labelledby="repair-kind"
          value={kind ?? null}
          onChange={value =>
            isRevisionKind(value) && onChange({ ...address, kind: value })
          }
        >
          {REVISION_KINDS.map(id => (
            <Radio key={id} value={id}>
              <span>
                <strong>{REVISION_KIND[id].verb}.</strong>{' '}
                {REVISION_KIND[id].what}
              </span>
            </Radio>
          ))}
        </RadioGroup>
      </section>
      {eventType !== '' && (
        <section aria-labelledby="repair-buckets">
          <h3 id="repair-buckets" className={styles.heading}>
            Which partitions
          </h3>
          <BucketPicker
            eventType={eventType}
            chosen={buckets}
            onChange={chosen => onChange({ ...address, buckets: chosen })}
          />
        </section>
      )}
      {error && (
        <ProblemPanel what="The preview was not begun." error={error} />
      )}
      <Text as="p" color="secondary">
        A worker seals them on trial and counts. Nothing changes before somebody
        has seen the counts and said why.
      </Text>
      <Flex gap="3">
        <Button isDisabled={!isComplete} isPending={isAsking} onPress={ask}>
          Preview
        </Button>
        <Button variant="secondary" onPress={onClose}>
          Close
        </Button>
      </Flex>
    </Flex>
  );
}

import { Text } from '@backstage/ui';
import {
  NumericCell,
  PlainTable,
  formatCount,
  formatCountOf,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import type { BucketClosing } from '@millrace/plugin-delivery-common';
import { describeWaiting, formatBatches } from './describePartition';
import styles from './PartitionPanel.module.css';

const COLUMNS = [
  { id: 'gateway', label: 'Gateway' },
  { id: 'epoch', label: 'Epoch' },
  { id: 'owes', label: 'What it owes' },
  { id: 'events', label: 'Events at most', isNumeric: true },
];

/** A bucket without a partition: where it is on its way, and what keeps it. */
export function OpenBucket(props: { closing: BucketClosing }) {
  const { closing } = props;
  const { state, message, missing, forced } = closing;
  return (
    <section aria-label="Closing">
      <Text as="p" variant="body-large">
        {state === 'waiting'
          ? 'This bucket is over and may not be closed yet.'
          : `${message}.`}
      </Text>
      {state === 'waiting' && (
        <>
          <ul className={styles.notes}>
            {closing.decision?.reasons?.map(reason => (
              <li key={`${reason.code} ${reason.message}`}>{reason.message}</li>
            ))}
          </ul>
          <Text as="p" color="secondary">
            {describeWaiting(closing)}
            {closing.waiting?.isStale &&
              ' Workers decide every few seconds: none runs, or none reaches the ledger.'}
          </Text>
        </>
      )}
      {missing && missing.gateways.length > 0 && (
        <PlainTable
          caption="What it would lack if it were closed now"
          isCaptionVisible
          columns={COLUMNS}
        >
          {missing.gateways.map(each => (
            <tr key={`${each.gateway} ${each.epoch}`}>
              <th scope="row">{each.gateway}</th>
              <td className={styles.code}>{each.epoch}</td>
              <td>
                {each.declared
                  ? `${formatCountOf(
                      each.batches.length,
                      'batch',
                      'batches',
                    )}: ${formatBatches(each.batches)}`
                  : 'to say how many batches it published'}
              </td>
              <NumericCell>
                {each.eventsAtMost === undefined
                  ? 'nobody can say'
                  : formatCount(each.eventsAtMost)}
              </NumericCell>
            </tr>
          ))}
        </PlainTable>
      )}
      {forced && (
        <Text as="p">
          {`${forced.requestedBy} has ordered ${formatUtcDateTime(
            forced.requestedAt,
          )} that it be closed all the same: “${forced.reason}”`}
        </Text>
      )}
    </section>
  );
}

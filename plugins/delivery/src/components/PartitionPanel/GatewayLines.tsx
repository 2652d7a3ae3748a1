import { Text } from '@backstage/ui';
import {
  NumericCell,
  PlainTable,
  StatusBadge,
  formatCount,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import type {
  BatchFinding,
  BucketLine,
  GatewayLine,
  LineDetail,
} from '@millrace/plugin-delivery-common';
import styles from './PartitionPanel.module.css';

/** Fates by gateway are there for what was sealed since they are kept. */
type Fates = Partial<Pick<BucketLine, 'delivered' | 'duplicates' | 'refused'>>;

const FINDINGS: Record<BatchFinding['kind'], string> = {
  batch_missing: 'was declared and has not arrived',
  batch_unreadable: 'arrived and cannot be read; it is kept aside',
  batch_undeclared: 'has a number beyond those declared',
  batch_altered: 'does not have the content that was declared',
  batch_number_reused: 'came twice with other contents; the second was dropped',
  batches_altered: 'several batches do not have the content that was declared',
  events_differ: 'all batches are there and hold another number of events',
};

/** The line by gateway and epoch, with what was found about their batches. */
export function GatewayLines(props: { detail: LineDetail<BucketLine> }) {
  const { gateways, findings } = props.detail;
  if (gateways.length === 0 && findings.length === 0) {
    return null;
  }
  const lines: (GatewayLine & Fates)[] = gateways;
  const hasFates = lines.some(({ delivered }) => delivered !== undefined);
  const columns = [
    { id: 'gateway', label: 'Gateway' },
    { id: 'epoch', label: 'Epoch', title: 'One life of the gateway' },
    { id: 'accepted', label: 'Accepted', isNumeric: true },
    ...(hasFates
      ? [
          { id: 'delivered', label: '= Delivered', isNumeric: true },
          { id: 'duplicates', label: '+ Duplicates', isNumeric: true },
          { id: 'refused', label: '+ Refused', isNumeric: true },
        ]
      : [
          {
            id: 'sealed',
            label: '= Sealed',
            isNumeric: true,
            title: 'Delivered, duplicate or refused',
          },
        ]),
    { id: 'inFlight', label: '+ In flight', isNumeric: true },
    { id: 'sum', label: 'Adds up' },
  ];
  return (
    <section aria-label="Gateways">
      <Text as="h3" variant="title-x-small" weight="bold">
        By gateway
      </Text>
      <PlainTable caption="The ledger line by gateway" columns={columns}>
        {lines.map(line => (
          <tr key={`${line.gateway} ${line.epoch}`}>
            <th scope="row">{line.gateway}</th>
            <td className={styles.code}>{line.epoch}</td>
            <NumericCell>
              {formatCount(line.accepted)}
              {line.declaredBuckets < line.buckets && ' so far'}
            </NumericCell>
            {hasFates ? (
              <>
                <Known value={line.delivered} />
                <Known value={line.duplicates} />
                <Known value={line.refused} />
              </>
            ) : (
              <NumericCell>{formatCount(line.sealed)}</NumericCell>
            )}
            <NumericCell>
              {formatCount(line.staged + line.unreadable + line.notArrived)}
            </NumericCell>
            <td>
              {line.difference === 0 ? (
                <StatusBadge status="good">to zero</StatusBadge>
              ) : (
                <StatusBadge status="bad">
                  {`${formatCountOf(line.difference, 'event')} unaccounted for`}
                </StatusBadge>
              )}
            </td>
          </tr>
        ))}
      </PlainTable>
      {findings.length > 0 && (
        <ul className={styles.notes}>
          {findings.map(finding => {
            const { gateway, epoch, kind, batch, events } = finding;
            return (
              <li key={`${gateway} ${epoch} ${kind} ${batch}`}>
                {gateway}
                {batch === undefined ? ': ' : `: batch ${batch} `}
                {FINDINGS[kind]}
                {events !== undefined &&
                  ` (${formatCountOf(Math.abs(events), 'event')})`}
                {finding.resolvedAt && '; it was resolved since'}
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

function Known(props: { value?: number }) {
  return (
    <NumericCell>
      {props.value === undefined ? 'not recorded' : formatCount(props.value)}
    </NumericCell>
  );
}

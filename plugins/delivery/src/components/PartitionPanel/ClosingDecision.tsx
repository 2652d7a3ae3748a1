import { CodeSnippet } from '@backstage/core-components';
import {
  Accordion,
  AccordionPanel,
  AccordionTrigger,
  Text,
} from '@backstage/ui';
import {
  NumericCell,
  PlainTable,
  formatCount,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import type { ClosingDecision as Decision } from '@millrace/plugin-delivery-common';
import {
  describeRule,
  forcedOf,
  formatBatches,
  gatewayInputsOf,
} from './describePartition';
import styles from './PartitionPanel.module.css';

const COLUMNS = [
  { id: 'gateway', label: 'Gateway' },
  { id: 'epoch', label: 'Epoch' },
  { id: 'declared', label: 'Declared' },
  { id: 'batches', label: 'Batches staged', isNumeric: true },
  { id: 'events', label: 'Events staged', isNumeric: true },
  { id: 'missing', label: 'Missing' },
];

/** Why the sealer held the bucket to be complete, and what it knew. */
export function ClosingDecision(props: { decision: Decision }) {
  const { decision } = props;
  const gateways = gatewayInputsOf(decision);
  const forced = forcedOf(decision);
  return (
    <section aria-label="Closing">
      <Text as="h3" variant="title-x-small" weight="bold">
        Why it was closed
      </Text>
      <Text as="p">{describeRule(decision)}</Text>
      {forced && (
        <Text as="p">
          {`${forced.requestedBy}, ${
            forced.requestedAt && formatUtcDateTime(forced.requestedAt)
          }: “${forced.reason}”`}
        </Text>
      )}
      {gateways.length > 0 && (
        <PlainTable
          caption="What each gateway had said and what had arrived"
          columns={COLUMNS}
        >
          {gateways.map(each => (
            <tr key={`${each.gateway} ${each.epoch}`}>
              <th scope="row">{each.gateway}</th>
              <td className={styles.code}>{each.epoch}</td>
              <td>
                {each.declared
                  ? `${formatCount(each.lastBatch)} batches, ${formatCount(
                      each.declaredEvents,
                    )} events`
                  : 'nothing'}
              </td>
              <NumericCell>{formatCount(each.stagedBatches)}</NumericCell>
              <NumericCell>{formatCount(each.stagedEvents)}</NumericCell>
              <td>
                {[
                  each.missingBatches.length > 0 &&
                    `batches ${formatBatches(each.missingBatches)}`,
                  each.abandonedBatches.length > 0 &&
                    `given up: ${formatBatches(each.abandonedBatches)}`,
                ]
                  .filter(Boolean)
                  .join('; ') || 'none'}
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      <Accordion>
        <AccordionTrigger
          title="The decision as the sealer kept it"
          subtitle={decision.rule}
        />
        <AccordionPanel>
          <CodeSnippet
            language="json"
            text={JSON.stringify(decision, undefined, 2)}
            showCopyCodeButton
          />
        </AccordionPanel>
      </Accordion>
    </section>
  );
}

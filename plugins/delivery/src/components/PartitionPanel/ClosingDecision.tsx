import { CodeSnippet } from '@backstage/core-components';
import { Accordion, AccordionPanel, AccordionTrigger } from '@backstage/ui';
import type { PartitionDetail } from '@millrace/plugin-delivery-common';

/** Why the sealer held the bucket to be complete, and what it knew. */
export function ClosingDecision(props: {
  decision: PartitionDetail['decision'];
}) {
  const { rule, inputs, ...rest } = props.decision;
  return (
    <Accordion>
      <AccordionTrigger
        title="Why it was closed"
        subtitle={rule ?? 'The inputs of the decision, as the sealer kept them'}
      />
      <AccordionPanel>
        <CodeSnippet
          language="json"
          text={JSON.stringify(inputs ?? rest, undefined, 2)}
          showCopyCodeButton
        />
      </AccordionPanel>
    </Accordion>
  );
}

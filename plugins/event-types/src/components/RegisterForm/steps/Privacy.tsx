import { Button } from '@backstage/ui';
import { EmptyState } from '@millrace/plugin-data-platform-react';
import { FieldDecisions } from '../FieldDecisions';
import type { FieldDecision } from '../privacy';
import type { StepProps } from './types';

/**
 * What each field holds about a person. Those that look as if they held something
 * come first, with the reason; registering waits until each of them is decided.
 */
export function Privacy(
  props: StepProps & {
    decisions: FieldDecision[];
    /** The field that somebody was led here for. */
    leadsTo?: string;
    onGoToSchema: () => void;
  },
) {
  const { onGoToSchema, ...rest } = props;
  return props.decisions.length > 0 ? (
    <FieldDecisions {...rest} />
  ) : (
    <EmptyState
      title="There are no fields yet"
      description="What a field holds is said once the schema is there."
      action={
        <Button variant="secondary" onPress={onGoToSchema}>
          Describe the schema
        </Button>
      }
    />
  );
}

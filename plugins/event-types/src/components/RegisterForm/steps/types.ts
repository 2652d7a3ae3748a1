import type { PollingState } from '@millrace/plugin-data-platform-react';
import type {
  DeclarationOptions,
  DeclarationProblem,
} from '@millrace/plugin-event-types-common';
import type { Draft } from '../draft';

/** What every step of the guide gets. */
export interface StepProps {
  draft: Draft;
  /** What is wrong and is to be shown, with pointers that fields are marked by. */
  problems: DeclarationProblem[];
  options: PollingState<DeclarationOptions>;
  /** Changes a part of the draft; problems at the pointers hold no longer. */
  change: (part: Partial<Draft>, ...pointers: string[]) => void;
}

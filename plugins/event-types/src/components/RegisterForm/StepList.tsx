import { Button } from '@backstage/ui';
import { StatusShape } from '@millrace/plugin-data-platform-react';
import { STEPS, type StepId } from './guideSteps';
import styles from './RegisterForm.module.css';

/** How far somebody is with a step. */
export type StepProgress = 'now' | 'to correct' | 'done' | 'to do';

/** None of the step one is at: it is told by where the focus and the page are. */
const SHAPES = {
  'to correct': 'attention',
  done: 'good',
  'to do': 'off',
} as const;

/** The steps of the guide, each a way to go there. */
export function StepList(props: {
  steps: readonly StepId[];
  progressOf: (step: StepId) => StepProgress;
  onGo: (step: StepId) => void;
}) {
  const { steps, progressOf, onGo } = props;
  return (
    <nav aria-label="Steps">
      <ol className={styles.steps}>
        {steps.map((id, index) => {
          const progress = progressOf(id);
          const title = STEPS.find(step => step.id === id)?.title;
          return (
            <li
              key={id}
              className={progress === 'now' ? styles.stepNow : undefined}
              aria-current={progress === 'now' ? 'step' : undefined}
            >
              <Button
                variant="tertiary"
                iconStart={
                  progress === 'now' ? undefined : (
                    <StatusShape status={SHAPES[progress]} />
                  )
                }
                onPress={() => onGo(id)}
              >
                <span>
                  {index + 1}. {title}
                  <span className={styles.progress}> {progress}</span>
                </span>
              </Button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

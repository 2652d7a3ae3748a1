import { Radio, RadioGroup, Skeleton, Text, TextField } from '@backstage/ui';
import {
  ProblemPanel,
  formatCount,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import { countOf } from '../draft';
import { problemAt, showProblem } from '../problems';
import styles from '../RegisterForm.module.css';
import type { StepProps } from './types';

const SECONDS_PER_DAY = 24 * 60 * 60;

/** Retention class and expected volume. */
export function Keeping(props: StepProps) {
  const { draft, problems, options, change } = props;
  const classes = options.value?.retentionClasses ?? [];
  const chosen =
    draft.retention ?? classes.find(({ isDefault }) => isDefault)?.id;
  return (
    <>
      {options.isLoading && <Skeleton width="100%" height={96} />}
      {options.error && !options.value && (
        <ProblemPanel
          what="The retention classes could not be loaded. Without one, the default of the platform holds."
          error={options.error}
          onRetry={options.reload}
        />
      )}
      {classes.length > 0 && (
        <div data-at="/retention">
          <RadioGroup
            label="Retention class"
            description="How long its events are to be kept. It is kept with the event type; nothing is deleted by it in this release."
            value={chosen ?? null}
            onChange={retention => change({ retention }, '/retention')}
            {...showProblem(problemAt(problems, '/retention'))}
          >
            {classes.map(({ id, title, description, keepDays, isDefault }) => (
              <Radio key={id} value={id}>
                <span>
                  <strong>{title}</strong> ({formatCountOf(keepDays, 'day')}
                  {isDefault && ', the default'}): {description}
                </span>
              </Radio>
            ))}
          </RadioGroup>
        </div>
      )}
      <div data-at="/expectedEventsPerDay">
        <TextField
          className={styles.short}
          label="Expected events per day"
          secondaryLabel="Optional"
          description="About how many, on a busy day. A guess is better than nothing: what is far from it gets noticed."
          inputMode="numeric"
          value={draft.eventsPerDay}
          onChange={eventsPerDay =>
            change({ eventsPerDay }, '/expectedEventsPerDay')
          }
          {...showProblem(problemAt(problems, '/expectedEventsPerDay'))}
        />
        <div role="status">
          <Text color="secondary">{inWords(draft.eventsPerDay)}</Text>
        </div>
      </div>
    </>
  );
}

/** What a number per day is per second, for a feeling of it. */
function inWords(text: string): string {
  const count = countOf(text);
  if (!Number.isSafeInteger(count) || count < 1) {
    return '';
  }
  const perSecond = count / SECONDS_PER_DAY;
  return perSecond >= 1
    ? `${formatCountOf(count, 'event')} per day: on average ${formatCount(
        Math.round(perSecond),
      )} per second.`
    : `${formatCountOf(
        count,
        'event',
      )} per day: on average one every ${formatCountOf(
        Math.max(1, Math.round(1 / perSecond)),
        'second',
      )}.`;
}

import type {
  Condition,
  ConditionType,
} from '@millrace/plugin-delivery-common';
import {
  type Status,
  StatusBadge,
  formatUtcDateTime,
  formatUtcTime,
} from '@millrace/plugin-data-platform-react';
import styles from './ConditionsList.module.css';

const STEPS: Record<ConditionType, { title: string; meaning: string }> = {
  Declared: {
    title: 'Declared',
    meaning: 'The schema, owner and tier are registered.',
  },
  Provisioned: {
    title: 'Provisioned',
    meaning: 'It has a topic, a subscription and a place in the lake.',
  },
  Receiving: {
    title: 'First event accepted',
    meaning: 'The gateway has accepted an event of it.',
  },
  Delivering: {
    title: 'First partition sealed',
    meaning: 'A partition with its events is sealed.',
  },
};

/**
 * The steps from a declaration to data: reached since when, else what to do.
 * Once all are reached they fold into one line, which opens, unless one of them
 * had to be repaired lately.
 */
export function ConditionsList(props: { conditions: Condition[] }) {
  const { conditions } = props;
  const isNews = conditions.some(
    ({ reached, repaired }) => !reached || repaired,
  );
  if (conditions.length === 0 || isNews) {
    return <Steps conditions={conditions} />;
  }
  const { at } = conditions[conditions.length - 1];
  return (
    <details className={styles.folded}>
      <summary>
        {at
          ? `The first partition was sealed on ${formatUtcDateTime(at)}`
          : 'The first partition is sealed'}
        ; the steps before it
      </summary>
      <Steps conditions={conditions} />
    </details>
  );
}

function Steps({ conditions }: { conditions: Condition[] }) {
  const next = conditions.findIndex(({ reached }) => !reached);
  return (
    <ol className={styles.root}>
      {conditions.map((condition, index) => (
        <li
          key={condition.type}
          aria-current={index === next ? 'step' : undefined}
        >
          <Step condition={condition} isNext={index === next} />
        </li>
      ))}
    </ol>
  );
}

function Step(props: { condition: Condition; isNext: boolean }) {
  const { type, reached, at, message, expected, repaired } = props.condition;
  const { title, meaning } = STEPS[type];
  return (
    <>
      <StatusBadge status={statusOf(reached, props.isNext)}>
        {title}
      </StatusBadge>
      <span className={styles.text}>
        {reached ? meaning : message}
        {at && (
          <time dateTime={at} className={styles.time}>
            {formatUtcDateTime(at)}
          </time>
        )}
        {repaired && (
          <span className={styles.repaired}>
            Repaired on{' '}
            <time dateTime={repaired.at}>{formatUtcDateTime(repaired.at)}</time>
            : {repaired.message}
          </span>
        )}
        {expected && (
          <span className={styles.time}>
            Expected from {formatUtcTime(expected.from)}, on time until{' '}
            {formatUtcTime(expected.by)}
          </span>
        )}
      </span>
    </>
  );
}

/** Of the steps to come, only the next one is on its way. */
function statusOf(reached: boolean, isNext: boolean): Status {
  if (reached) {
    return 'good';
  }
  return isNext ? 'waiting' : 'off';
}

import type {
  Condition,
  ConditionType,
} from '@millrace/plugin-delivery-common';
import {
  StatusBadge,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import styles from './ConditionsList.module.css';

const MEANING: Record<ConditionType, string> = {
  Declared: 'The schema, owner and tier are registered.',
  Provisioned: 'It has a topic, a subscription and a place in the lake.',
  Receiving: 'The gateway has accepted an event of it.',
  Delivering: 'A partition with its events is sealed.',
};

/** The steps from a declaration to data: reached since when, else what to do. */
export function ConditionsList(props: { conditions: Condition[] }) {
  const { conditions } = props;
  const next = conditions.findIndex(({ reached }) => !reached);
  return (
    <ol className={styles.root}>
      {conditions.map(({ type, reached, at, message }, index) => (
        <li key={type} aria-current={index === next ? 'step' : undefined}>
          <StatusBadge status={reached ? 'good' : 'waiting'}>
            {type}
          </StatusBadge>
          <span className={styles.text}>
            {reached ? MEANING[type] : message}
            {at && (
              <time dateTime={at} className={styles.time}>
                {formatUtcDateTime(at)}
              </time>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

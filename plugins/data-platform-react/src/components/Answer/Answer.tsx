import { Text } from '@backstage/ui';
import type { ReactNode } from 'react';
import { type Status, StatusShape } from '../StatusBadge';
import styles from './Answer.module.css';

/**
 * The first line of a page or of a tab: the answer to its question, in words. It
 * is announced when it changes, and only then, so that refreshing stays silent.
 *
 * @public
 */
export function Answer(props: {
  /** The answer; left out while it is not known. */
  children?: ReactNode;
  /** How it is, where the answer is about something that can be well or not. */
  status?: Status;
  /** What belongs to the answer and need not be read first. */
  detail?: ReactNode;
}) {
  const { children, status, detail } = props;
  return (
    <div>
      <div role="status">
        {children && (
          <Text
            as="h2"
            variant="title-small"
            weight="bold"
            className={styles.answer}
          >
            {status && <StatusShape status={status} size={18} />}
            <span>{children}</span>
          </Text>
        )}
      </div>
      {detail && (
        <Text as="div" color="secondary" className={styles.detail}>
          {detail}
        </Text>
      )}
    </div>
  );
}

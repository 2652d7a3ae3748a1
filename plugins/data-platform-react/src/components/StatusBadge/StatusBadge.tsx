import {
  RiAlertLine,
  RiCheckLine,
  RiErrorWarningLine,
  RiTimeLine,
} from '@remixicon/react';
import type { ReactNode } from 'react';
import styles from './StatusBadge.module.css';

/**
 * How something is: as it should be, worth a look, broken, or not known yet.
 *
 * @public
 */
export type Status = 'good' | 'attention' | 'bad' | 'waiting';

const ICONS = {
  good: RiCheckLine,
  attention: RiAlertLine,
  bad: RiErrorWarningLine,
  waiting: RiTimeLine,
};

/**
 * A state in words with a sign and a colour. The words carry the meaning: the
 * colour only repeats it.
 *
 * @public
 */
export function StatusBadge(props: { status: Status; children: ReactNode }) {
  const { status, children } = props;
  const Icon = ICONS[status];
  return (
    <span className={`${styles.root} ${styles[status]}`}>
      <Icon size={14} aria-hidden="true" />
      {children}
    </span>
  );
}

import type { ReactNode } from 'react';
import type { Status } from './status';
import styles from './StatusBadge.module.css';
import { StatusShape } from './StatusShape';

/**
 * A state in words, with its shape and its colour. The words carry the meaning,
 * the shape and the colour repeat it.
 *
 * What is as it should be is quiet, and so is what is over: a page of forty
 * rows in order shows no colour but what somebody has to look at.
 *
 * @public
 */
export function StatusBadge(props: { status: Status; children: ReactNode }) {
  const { status, children } = props;
  return (
    <span className={`${styles.root} ${styles[`${status}Badge`]}`}>
      <StatusShape status={status} />
      {children}
    </span>
  );
}

import { type Status, StatusShape } from '@millrace/plugin-data-platform-react';
import type { ReactNode } from 'react';
import styles from './YamlText.module.css';

/** What would become of a text, as a sentence: too long for a badge. */
export function Verdict(props: { status: Status; children: ReactNode }) {
  const { status, children } = props;
  return (
    <p className={styles.verdict}>
      <StatusShape status={status} size={16} />
      <span>{children}</span>
    </p>
  );
}

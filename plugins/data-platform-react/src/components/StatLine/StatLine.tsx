import type { ReactNode } from 'react';
import styles from './StatLine.module.css';

/**
 * One number of a {@link StatLine}.
 *
 * @public
 */
export interface Stat {
  /** What is counted, with its unit or its time: `accepted, 24 h`. */
  label: string;
  value: ReactNode;
  /** A word on the number: of what it is a share, since when it stands. */
  note?: ReactNode;
}

/**
 * The few numbers that carry the answer, beside each other: four to six at most,
 * in an order that does not change with the values.
 *
 * @public
 */
export function StatLine(props: {
  /** What the numbers are of, for screen readers. */
  label: string;
  stats: Stat[];
}) {
  const { label, stats } = props;
  return (
    <dl className={styles.root} aria-label={label}>
      {stats.map(({ label: name, value, note }) => (
        <div key={name} className={styles.stat}>
          <dt>{name}</dt>
          <dd>
            <span className={styles.value}>{value}</span>
            {note && <span className={styles.note}>{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

import type { ReactNode } from 'react';
import styles from './PlainTable.module.css';

/**
 * A table for reading, without sorting or paging of its own. It scrolls
 * sideways by itself when it is wide. The rows are given as `<tr>`.
 *
 * @public
 */
export function PlainTable(props: {
  /** What the table is of: read first by screen readers. */
  caption: string;
  /** Whether everybody sees the caption; it is always there for screen readers. */
  isCaptionVisible?: boolean;
  columns: { id: string; label: string; title?: string; isNumeric?: boolean }[];
  children: ReactNode;
}) {
  const { caption, isCaptionVisible, columns, children } = props;
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <caption className={isCaptionVisible ? styles.caption : styles.hidden}>
          {caption}
        </caption>
        <thead>
          <tr>
            {columns.map(({ id, label, title, isNumeric }) => (
              <th
                key={id}
                scope="col"
                title={title}
                className={isNumeric ? styles.numeric : undefined}
              >
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/**
 * A cell of a numeric column.
 *
 * @public
 */
export function NumericCell(props: { children?: ReactNode }) {
  return <td className={styles.numeric}>{props.children}</td>;
}

import { type ReactNode, useEffect, useRef, useState } from 'react';
import styles from './PlainTable.module.css';

/** Whether an element is wider inside than outside, kept up to date. */
function useOverflows() {
  const ref = useRef<HTMLDivElement>(null);
  const [overflows, setOverflows] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element || typeof ResizeObserver === 'undefined') {
      return undefined;
    }
    const observer = new ResizeObserver(() =>
      setOverflows(element.scrollWidth > element.clientWidth),
    );
    observer.observe(element);
    if (element.firstElementChild) {
      observer.observe(element.firstElementChild);
    }
    return () => observer.disconnect();
  }, []);
  return { ref, overflows };
}

/**
 * A table for reading, without sorting or paging of its own. It scrolls
 * sideways by itself when it is wide, and only then takes the focus, so that the
 * arrow keys reach what is out of sight. The rows are given as `<tr>`.
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
  const { ref, overflows } = useOverflows();
  const scrolling = overflows
    ? { tabIndex: 0, role: 'region', 'aria-label': caption }
    : undefined;
  return (
    <div ref={ref} className={styles.scroll} {...scrolling}>
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

import styles from './PartitionPanel.module.css';

/** A nested value longer than this is folded. */
const MAX_CHARACTERS = 60;

/** A value of a row: nested ones as compact JSON that unfolds. */
export function CellValue(props: { value: unknown }) {
  const { value } = props;
  if (value === null || value === undefined) {
    return <span className={styles.none}>null</span>;
  }
  if (typeof value !== 'object') {
    return <>{String(value)}</>;
  }
  const compact = JSON.stringify(value);
  if (compact.length <= MAX_CHARACTERS) {
    return <code>{compact}</code>;
  }
  return (
    <details>
      <summary>
        <code>{compact.slice(0, MAX_CHARACTERS)}…</code>
      </summary>
      <pre className={styles.unfolded}>
        {JSON.stringify(value, undefined, 2)}
      </pre>
    </details>
  );
}

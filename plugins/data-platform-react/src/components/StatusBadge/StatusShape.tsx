import { STATUS_SHAPES, type Status } from './status';
import styles from './StatusBadge.module.css';

/**
 * The shape of a state in its colour. It says nothing to a screen reader: the
 * words stand beside it, always.
 *
 * @public
 */
export function StatusShape(props: {
  status: Status;
  /** Width and height in pixels. */
  size?: number;
}) {
  const { status, size = 12 } = props;
  const { outline, inside } = STATUS_SHAPES[status];
  return (
    <svg
      className={`${styles.shape} ${styles[status]}`}
      data-status={status}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
      focusable="false"
    >
      <path d={outline} className={styles.outline} />
      {inside && <path d={inside} className={styles.inside} />}
    </svg>
  );
}

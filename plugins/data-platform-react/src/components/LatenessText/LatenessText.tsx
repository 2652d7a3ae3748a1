import { formatLateness, formatUtcTime } from '../../format';
import styles from './LatenessText.module.css';

/**
 * When a partition was sealed and how late that was: `sealed 10:52:04 UTC,
 * +4 s`. A partition that is not sealed says so.
 *
 * @public
 */
export function LatenessText(props: {
  sealedAt?: string;
  latenessMs?: number;
}) {
  return <span className={styles.root}>{describeLateness(props)}</span>;
}

/**
 * The text of {@link LatenessText}, for titles and labels.
 *
 * @public
 */
export function describeLateness(partition: {
  sealedAt?: string;
  latenessMs?: number;
}): string {
  const { sealedAt, latenessMs } = partition;
  if (sealedAt === undefined) {
    return 'not sealed yet';
  }
  return latenessMs === undefined
    ? `sealed ${formatUtcTime(sealedAt)}`
    : `sealed ${formatUtcTime(sealedAt)}, ${formatLateness(latenessMs)}`;
}

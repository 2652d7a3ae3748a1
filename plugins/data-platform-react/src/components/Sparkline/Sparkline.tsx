import { formatCount } from '../../format';
import styles from './Sparkline.module.css';

const WIDTH = 80;
const HEIGHT = 18;
const GAP = 1;

/**
 * How a number went lately, in the size of a word: one bar per bucket, oldest
 * first, from nought. It shows shape and not value; the number it belongs to
 * stands beside it, and its label tells the range.
 *
 * @public
 */
export function Sparkline(props: {
  /** What is drawn: `Events delivered per minute`. */
  label: string;
  /** Oldest first. */
  values: number[];
}) {
  const { label, values } = props;
  if (values.length < 2) {
    return null;
  }
  const max = Math.max(...values);
  const min = Math.min(...values);
  const step = WIDTH / values.length;
  return (
    <svg
      role="img"
      aria-label={`${label}, last ${values.length}: ${formatCount(
        min,
      )} to ${formatCount(max)}, newest ${formatCount(
        values[values.length - 1],
      )}`}
      width={WIDTH}
      height={HEIGHT}
      className={styles.root}
      focusable="false"
    >
      {values.map((value, at) => {
        const height = max > 0 ? Math.max(1, (value / max) * HEIGHT) : 1;
        return (
          <rect
            // Values have no identity but their place in the row.
            // eslint-disable-next-line react/no-array-index-key
            key={at}
            x={at * step}
            y={HEIGHT - height}
            width={Math.max(1, step - GAP)}
            height={height}
          />
        );
      })}
    </svg>
  );
}

import { Text } from '@backstage/ui';
import { useId } from 'react';
import { formatCount, formatShare } from '../../format';
import { Patterns, type Series, fillOf } from './Patterns';
import styles from './StackedBar.module.css';

/**
 * One part of the whole that a {@link StackedBar} shows.
 *
 * @public
 */
export interface StackedBarPart {
  label: string;
  value: number;
  /** Colour and pattern, from 1: the same part has the same one on every page. */
  series: 1 | 2 | 3 | 4;
}

const HEIGHT = 20;
/** What is not nothing can be seen, however small a share it is. */
const MIN_WIDTH_PERCENT = 0.4;

/** Where each part lies, in percent of the width; empty parts take none. */
function layOut(
  parts: StackedBarPart[],
  whole: number,
): { part: StackedBarPart; x: number; width: number }[] {
  const visible = parts.filter(({ value }) => value > 0);
  const widths = visible.map(({ value }) =>
    Math.max(MIN_WIDTH_PERCENT, (value / whole) * 100),
  );
  const sum = widths.reduce((a, b) => a + b, 0);
  let x = 0;
  return visible.map((part, at) => {
    const width = (widths[at] / sum) * 100;
    const placed = { part, x, width };
    x += width;
    return placed;
  });
}

function Swatch(props: { patternId: string; series: Series }) {
  return (
    <svg width="16" height="12" aria-hidden="true" className={styles.swatch}>
      <rect
        width="16"
        height="12"
        fill={fillOf(props.patternId, props.series)}
      />
    </svg>
  );
}

/**
 * What a whole is made of, as one bar. Parts differ by pattern as well as by
 * colour, and each is named with its number beside its swatch: the list is the
 * bar in words, so the bar itself is left out for screen readers.
 *
 * @public
 */
export function StackedBar(props: {
  /** What the whole is: `Events accepted in the last 24 hours`. */
  title: string;
  parts: StackedBarPart[];
}) {
  const { title, parts } = props;
  const patternId = useId().replaceAll(':', '');
  const titleId = useId();
  const whole = parts.reduce((sum, { value }) => sum + value, 0);
  return (
    <figure className={styles.root} aria-labelledby={titleId}>
      <figcaption>
        <Text as="h3" id={titleId} variant="body-medium" weight="bold">
          {title}
        </Text>
      </figcaption>
      <svg
        className={styles.bar}
        width="100%"
        height={HEIGHT}
        aria-hidden="true"
        focusable="false"
      >
        <Patterns id={patternId} />
        <rect width="100%" height={HEIGHT} className={styles.empty} />
        {layOut(parts, whole).map(({ part, x, width }) => (
          <rect
            key={part.label}
            x={`${x}%`}
            width={`${width}%`}
            height={HEIGHT}
            fill={fillOf(patternId, part.series)}
            className={styles.part}
          >
            <title>{`${part.label}: ${formatCount(part.value)}`}</title>
          </rect>
        ))}
      </svg>
      <dl className={styles.legend}>
        {parts.map(({ label, value, series }) => (
          <div key={label}>
            <dt>
              <Swatch patternId={patternId} series={series} />
              {label}
            </dt>
            <dd>
              {formatCount(value)}
              {whole > 0 && (
                <span className={styles.share}>
                  {formatShare(value, whole)}
                </span>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </figure>
  );
}

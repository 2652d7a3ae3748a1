import styles from './StackedBar.module.css';

/** As many series as can be told apart; a sixth is one too many for a bar. */
export const SERIES = [1, 2, 3, 4] as const;

/** Which colour and which pattern a part of a bar has. */
export type Series = (typeof SERIES)[number];

/** What lies over the colour: series differ without any colour at all. */
const MARKS: Record<Series, string | undefined> = {
  1: undefined,
  2: 'M-2 2 2-2M0 8 8 0M6 10l4-4',
  3: 'M4 4v.01',
  4: 'M0 4h8',
};

/** The patterns of all series, to be filled with by {@link fillOf}. */
export function Patterns(props: { id: string }) {
  return (
    <defs>
      {SERIES.map(series => (
        <pattern
          key={series}
          id={`${props.id}-${series}`}
          width="8"
          height="8"
          patternUnits="userSpaceOnUse"
        >
          <rect width="8" height="8" className={styles[`series${series}`]} />
          {MARKS[series] && (
            <path
              d={MARKS[series]}
              className={series === 3 ? styles.dot : styles.line}
            />
          )}
        </pattern>
      ))}
    </defs>
  );
}

/** The `fill` of a series, given the id of its {@link Patterns}. */
export function fillOf(id: string, series: Series): string {
  return `url(#${id}-${series})`;
}

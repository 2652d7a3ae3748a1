import { Skeleton } from '@backstage/ui';
import { Suspense, lazy } from 'react';
import { formatUtcDateTime } from '../../format';
import { ChartFigure } from '../ChartFigure';
import { describeDays } from './timeAxis';

const TimeBarsPlot = lazy(() => import('./TimeBarsPlot'));

/**
 * A number per bucket of time, as bars from nought on an axis of UTC times. For
 * what is counted or measured once per bucket; a bucket without a value has no
 * bar, since nothing is drawn between what is known.
 *
 * @public
 */
export function TimeBars(props: {
  /** What is drawn, with its unit: `Events delivered per minute`. */
  title: string;
  /** What there is to see, in one sentence. */
  summary: string;
  /** Oldest first; `at` is RFC 3339. */
  points: { at: string; value: number }[];
  formatValue: (value: number) => string;
  /** Names a point; its time where left out. */
  describe?: (at: string) => string;
  /** A line that values should stay under, with its words. */
  limit?: { value: number; label: string };
  /** The headings of the table: of the times and of the values. */
  columns: [string, string];
}) {
  const { title, summary, points, formatValue, limit, columns } = props;
  const { describe = formatUtcDateTime } = props;
  return (
    <ChartFigure
      title={title}
      summary={summary}
      note={describeDays(points.map(({ at }) => at))}
      table={{
        columns,
        rows: [...points]
          .reverse()
          .map(({ at, value }) => [describe(at), formatValue(value)]),
      }}
    >
      <Suspense fallback={<Skeleton width="100%" height={180} />}>
        <TimeBarsPlot
          points={points}
          formatValue={formatValue}
          describe={describe}
          limit={limit}
        />
      </Suspense>
    </ChartFigure>
  );
}

import {
  Bar,
  BarChart,
  CartesianGrid,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { axisFormat } from './timeAxis';
import styles from './TimeBars.module.css';

const HEIGHT = 180;
const TOOLTIP = {
  background: 'var(--bui-bg-neutral-1)',
  border: '1px solid var(--bui-border-2)',
  borderRadius: 'var(--bui-radius-2)',
  fontSize: 12,
};
const TOOLTIP_ITEM = { color: 'var(--bui-fg-primary)' };
const TICK = { fill: 'var(--mr-axis)', fontSize: 12 };

/** The picture of `TimeBars`. Loaded on its own: the library is large. */
export default function TimeBarsPlot(props: {
  points: { at: string; value: number }[];
  formatValue: (value: number) => string;
  describe: (at: string) => string;
  limit?: { value: number; label: string };
}) {
  const { points, formatValue, describe, limit } = props;
  return (
    <div className={styles.plot}>
      <ResponsiveContainer
        width="100%"
        height={HEIGHT}
        initialDimension={{ width: 480, height: HEIGHT }}
      >
        <BarChart
          data={points}
          // The words and the table of the figure are what a keyboard reaches.
          accessibilityLayer={false}
          margin={{ top: 8, right: 8, bottom: 0, left: 0 }}
        >
          <CartesianGrid vertical={false} stroke="var(--bui-border-1)" />
          <XAxis
            dataKey="at"
            tickFormatter={axisFormat(points.map(({ at }) => at))}
            tick={TICK}
            tickLine={false}
            axisLine={{ stroke: 'var(--mr-axis)' }}
            interval="equidistantPreserveStart"
            minTickGap={24}
          />
          <YAxis
            width={64}
            tickFormatter={formatValue}
            tick={TICK}
            tickLine={false}
            axisLine={false}
            // From nought: a bar's length is its value.
            domain={[0, 'auto']}
          />
          <Tooltip
            isAnimationActive={false}
            cursor={{ fill: 'var(--bui-bg-neutral-2)', opacity: 0.6 }}
            contentStyle={TOOLTIP}
            itemStyle={TOOLTIP_ITEM}
            labelFormatter={at => describe(String(at))}
            formatter={value => formatValue(Number(value))}
            separator=""
          />
          {limit && (
            <ReferenceLine
              y={limit.value}
              ifOverflow="extendDomain"
              stroke="var(--mr-attention)"
              strokeDasharray="6 4"
              label={{
                value: limit.label,
                position: 'insideTopRight',
                fill: 'var(--mr-axis)',
                fontSize: 12,
              }}
            />
          )}
          <Bar
            dataKey="value"
            name=""
            fill="var(--mr-series-1)"
            isAnimationActive={false}
            maxBarSize={32}
          />
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}

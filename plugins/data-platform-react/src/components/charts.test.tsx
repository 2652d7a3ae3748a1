import { fireEvent, render, screen, within } from '@testing-library/react';
import { formatCount } from '../format';
import { Sparkline } from './Sparkline';
import { StackedBar } from './StackedBar';
import { TimeBars } from './TimeBars';
import { axisFormat, describeDays } from './TimeBars/timeAxis';

const minute = (n: number) =>
  new Date(Date.UTC(2026, 10, 21, 10, n)).toISOString();

describe('StackedBar', () => {
  const bar = (
    <StackedBar
      title="What became of them"
      parts={[
        { label: 'delivered', value: 99_950, series: 1 },
        { label: 'duplicates', value: 50, series: 4 },
        { label: 'refused', value: 0, series: 3 },
      ]}
    />
  );

  it('names every part with its number and its share, also those of nothing', () => {
    render(bar);
    const figure = screen.getByRole('figure', { name: 'What became of them' });
    expect(
      within(figure)
        .getAllByRole('definition')
        .map(part => part.textContent),
    ).toEqual(['99,950> 99.9 %', '50< 0.1 %', '00 %']);
  });

  it('draws what is not nothing so that it can be seen, in a pattern of its own', () => {
    const { container } = render(bar);
    const drawn = [...container.querySelectorAll('rect')].filter(rect =>
      rect.querySelector('title'),
    );
    expect(drawn).toHaveLength(2);
    const widths = drawn.map(rect => parseFloat(rect.getAttribute('width')!));
    expect(widths[1]).toBeGreaterThan(0.35);
    expect(widths[0] + widths[1]).toBeCloseTo(100);
    expect(new Set(drawn.map(rect => rect.getAttribute('fill'))).size).toBe(2);
  });

  it('is no division by nothing while there is nothing', () => {
    const { container } = render(
      <StackedBar
        title="Nothing"
        parts={[{ label: 'delivered', value: 0, series: 1 }]}
      />,
    );
    expect(container.innerHTML).not.toContain('NaN');
  });
});

describe('Sparkline', () => {
  it('tells its range and its newest value', () => {
    render(<Sparkline label="Events per minute" values={[3, 0, 1200]} />);
    expect(
      screen.getByRole('img', {
        name: 'Events per minute, last 3: 0 to 1,200, newest 1,200',
      }),
    ).toBeInTheDocument();
  });

  it('is not there for a single value', () => {
    const { container } = render(<Sparkline label="Events" values={[3]} />);
    expect(container).toBeEmptyDOMElement();
  });
});

describe('TimeBars', () => {
  const bars = (
    <TimeBars
      title="Events per minute"
      summary="Between 10 and 1,200 events per minute."
      points={[10, 400, 1200].map((value, at) => ({ at: minute(at), value }))}
      formatValue={formatCount}
      columns={['Minute', 'Events']}
    />
  );

  it('says what there is to see, and its picture takes no focus', async () => {
    const { container } = render(bars);
    // The library is loaded with the first chart.
    await screen.findAllByText('10:00', {}, { timeout: 15_000 });
    expect(
      screen.getByRole('figure', { name: 'Events per minute' }),
    ).toHaveTextContent('Between 10 and 1,200 events per minute.');
    expect(container.querySelectorAll('.recharts-bar-rectangle')).toHaveLength(
      3,
    );
    const picture = container.querySelector('[aria-hidden] .recharts-wrapper')!;
    expect(picture.querySelectorAll('[tabindex="0"], a, button')).toHaveLength(
      0,
    );
    expect(screen.getByText('2026-11-21, times in UTC')).toBeInTheDocument();
  }, 30_000);

  it('shows the same numbers as a table, newest first', async () => {
    render(bars);
    fireEvent.click(
      screen.getByRole('button', {
        name: 'Show as a table: Events per minute',
      }),
    );
    expect(
      within(screen.getByRole('table', { name: 'Events per minute' }))
        .getAllByRole('row')
        .map(row => row.textContent),
    ).toEqual([
      'MinuteEvents',
      '2026-11-21 10:02:00 UTC1,200',
      '2026-11-21 10:01:00 UTC400',
      '2026-11-21 10:00:00 UTC10',
    ]);
    expect(screen.queryByText('10:00')).not.toBeInTheDocument();
  });
});

describe('the axis of times', () => {
  it('is in UTC, with seconds only where buckets have them and days where hours say nothing', () => {
    expect(axisFormat([minute(0), minute(9)])(minute(5))).toBe('10:05');
    expect(
      axisFormat(['2026-11-21T10:00:00Z', '2026-11-21T10:00:10Z'])(
        '2026-11-21T11:00:10+01:00',
      ),
    ).toBe('10:00:10');
    expect(
      axisFormat(['2026-11-01T00:00:00Z', '2026-11-21T00:00:00Z'])(
        '2026-11-09T00:00:00Z',
      ),
    ).toBe('09 Nov');
    expect(describeDays(['2026-11-20T23:00:00Z', minute(0)])).toBe(
      '2026-11-20 to 2026-11-21, times in UTC',
    );
  });
});

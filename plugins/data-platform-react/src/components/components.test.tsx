import { act, fireEvent, render, screen } from '@testing-library/react';
import { MemoryRouter } from 'react-router-dom';
import { CountsText } from './CountsText';
import { LatenessText } from './LatenessText';
import { PartitionStrip, type StripPartition } from './PartitionStrip';
import { ProblemPanel } from './ProblemPanel';

function partition(
  minute: number,
  overrides: Partial<StripPartition> = {},
): StripPartition {
  const at = (m: number) => new Date(Date.UTC(2026, 10, 21, 10, m));
  return {
    bucketStart: at(minute).toISOString(),
    bucketEnd: at(minute + 1).toISOString(),
    state: 'sealed',
    empty: false,
    sealedAt: new Date(at(minute + 1).getTime() + 4000).toISOString(),
    latenessMs: 4000,
    delivered: 1200,
    ...overrides,
  };
}

describe('PartitionStrip', () => {
  const partitions = [
    partition(3, {
      state: 'sealing',
      sealedAt: undefined,
      latenessMs: undefined,
    }),
    partition(2, { empty: true, delivered: 0 }),
    partition(1, { latenessMs: 90_000 }),
    partition(0),
  ];

  it('tells every state in words, oldest first', () => {
    render(
      <PartitionStrip
        label="Partitions of push"
        partitions={partitions}
        objectiveMs={60_000}
      />,
    );
    expect(screen.getAllByRole('img').map(cell => cell.title)).toEqual([
      '2026-11-21 10:00–10:01 UTC: sealed 10:01:04 UTC, +4 s; 1,200 delivered',
      '2026-11-21 10:01–10:02 UTC: sealed late; sealed 10:02:04 UTC, +1 min 30 s; 1,200 delivered',
      '2026-11-21 10:02–10:03 UTC: empty; sealed 10:03:04 UTC, +4 s; 0 delivered',
      '2026-11-21 10:03–10:04 UTC: sealing',
    ]);
  });

  it('is one stop of the Tab key and moves by arrow keys', () => {
    const strip = (list: StripPartition[]) => (
      <MemoryRouter
        future={{ v7_relativeSplatPath: false, v7_startTransition: false }}
      >
        <PartitionStrip
          label="Partitions of push"
          partitions={list}
          objectiveMs={60_000}
          getHref={({ bucketStart }) => `/p?at=${bucketStart}`}
        />
      </MemoryRouter>
    );
    const { rerender } = render(strip(partitions));
    const links = () => screen.getAllByRole('link');
    expect(links().map(link => link.tabIndex)).toEqual([-1, -1, -1, 0]);

    act(() => links()[3].focus());
    fireEvent.keyDown(links()[3], { key: 'ArrowLeft' });
    expect(links()[2]).toHaveFocus();
    fireEvent.keyDown(links()[2], { key: 'Home' });
    expect(links()[0]).toHaveFocus();

    // A newer partition pushes the others along; the focus stays where it was.
    const focused = document.activeElement;
    rerender(strip([partition(4), ...partitions]));
    expect(document.activeElement).toBe(focused);
    expect(links().map(link => link.tabIndex)).toEqual([0, -1, -1, -1, -1]);
  });
});

describe('CountsText', () => {
  it('shows that the fates add up', () => {
    const { container } = render(
      <CountsText
        counts={{ accepted: 1204, delivered: 1200, duplicates: 3, refused: 1 }}
      />,
    );
    expect(container).toHaveTextContent(
      '1,204 accepted = 1,200 delivered + 3 duplicates + 1 refused',
    );
  });

  it('says by how much they do not', () => {
    const { container } = render(
      <CountsText
        counts={{ accepted: 1204, delivered: 1200, duplicates: 0, refused: 1 }}
      />,
    );
    expect(container).toHaveTextContent('1,204 accepted ≠ 1,200 delivered');
    expect(container).toHaveTextContent('(3 unaccounted for)');
  });
});

describe('LatenessText', () => {
  it('says when a partition was sealed and how late that was', () => {
    const { container } = render(
      <LatenessText sealedAt="2026-11-21T10:52:04Z" latenessMs={4000} />,
    );
    expect(container).toHaveTextContent('sealed 10:52:04 UTC, +4 s');
  });
});

describe('ProblemPanel', () => {
  it('says what happened, why, and what to do', () => {
    const retry = jest.fn();
    const error = Object.assign(
      new Error('Request failed with 503', {
        cause: new Error('The ledger does not answer'),
      }),
      { statusCode: 503 },
    );
    render(
      <ProblemPanel
        what="Delivery could not be loaded."
        error={error}
        onRetry={retry}
      />,
    );
    expect(screen.getByRole('alert')).toHaveTextContent(
      /Delivery could not be loaded.*The ledger does not answer.*may still be starting/,
    );
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(retry).toHaveBeenCalledTimes(1);
  });
});

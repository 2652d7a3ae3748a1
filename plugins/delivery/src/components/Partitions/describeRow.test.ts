import { ledgerLine, ledgerRow, partition } from '../../__testUtils__/estate';
import {
  describeExpectation,
  describeInFlight,
  foldQuiet,
  formatCompleteness,
  imbalanceOf,
  looksOf,
} from './describeRow';

const START = '2026-11-21T10:52:00.000Z';
const NOW = new Date('2026-11-21T11:30:00Z');

describe('a row of the ledger in words', () => {
  it('says what a line leaves unexplained, and nothing when it adds up', () => {
    expect(imbalanceOf(ledgerLine())).toBeUndefined();
    expect(imbalanceOf(ledgerLine({ accepted: 1207 }))).toBe(
      '3 events unaccounted for',
    );
    expect(imbalanceOf(ledgerLine({ delivered: 1201 }))).toBe(
      '1 event too many',
    );
    // The terms add up, and the ledger says all the same that they do not fit.
    expect(imbalanceOf(ledgerLine({ difference: 2 }))).toBe(
      '2 events differ by gateway',
    );
  });

  it('never rounds completeness up to a whole', () => {
    expect(formatCompleteness(1)).toBe('100 %');
    expect(formatCompleteness(1 - Number.EPSILON / 2)).toBe('99.9 %');
    expect(formatCompleteness(0.12345)).toBe('12.3 %');
    expect(formatCompleteness(0)).toBe('0 %');
    expect(formatCompleteness(undefined)).toBe('–');
  });

  it('says where what is in flight is', () => {
    expect(describeInFlight(ledgerLine())).toBe('');
    expect(
      describeInFlight(
        ledgerLine({
          inFlight: {
            total: 6,
            staged: 3,
            unreadable: 1,
            notArrived: 2,
            missingBatches: 1,
          },
        }),
      ),
    ).toBe(
      '3 events staged and not sealed, 2 events declared and not arrived, in 1 batch, 1 event unreadable and kept aside',
    );
  });

  it('prints when a bucket was expected, and how it went', () => {
    const late = ledgerRow(START, {
      partition: partition(START, { latenessMs: 37 * 60_000 }),
    });
    expect(describeExpectation(late.bucket!, NOW)).toBe(
      'expected by 10:54:00 UTC, sealed 11:30:00 UTC (+36 min)',
    );
    const inTime = ledgerRow(START, {});
    expect(describeExpectation(inTime.bucket!, NOW)).toBe(
      'expected by 10:54:00 UTC, sealed 10:53:04 UTC (in time)',
    );
    const waiting = ledgerRow(START, { state: 'waiting' });
    expect(describeExpectation(waiting.bucket!, NOW)).toBe(
      'expected by 10:54:00 UTC, overdue for 36 min',
    );
  });

  it('judges a revised bucket by its first delivery', () => {
    const revised = ledgerRow(START, {
      partition: partition(START, {
        revision: 2,
        sealedAt: '2026-11-22T09:00:00.000Z',
      }),
    });
    expect(describeExpectation(revised.bucket!, NOW)).toContain(
      'sealed 10:53:04 UTC (in time)',
    );
    expect(looksOf(revised.bucket!)).toEqual(['sealed', 'revised']);
  });

  it('shows the worst first, and all that is to be said', () => {
    const looks = (...args: Parameters<typeof ledgerRow>) =>
      looksOf(ledgerRow(...args).bucket!);
    expect(looks(START, { state: 'open' })).toEqual(['open']);
    expect(
      looks(START, { state: 'waiting', isLate: true, isForced: true }),
    ).toEqual(['waiting', 'overdue', 'forced']);
    expect(
      looks(START, {
        isLate: true,
        isForced: true,
        partition: partition(START, { empty: true, revision: 3 }),
      }),
    ).toEqual(['sealed late', 'forced', 'revised']);
  });

  it('folds long silence, and nothing that anybody has to see', () => {
    const quiet = (minute: number, bucket = {}) =>
      ledgerRow(
        `2026-11-21T10:${minute}:00.000Z`,
        {
          partition: partition(`2026-11-21T10:${minute}:00.000Z`, {
            empty: true,
            delivered: 0,
          }),
          ...bucket,
        },
        ledgerLine({
          accepted: 0,
          delivered: 0,
          duplicates: 0,
          refused: 0,
          completeness: undefined,
        }),
      );
    const late = quiet(40, { isLate: true });
    const full = ledgerRow(START, {});
    const runs = foldQuiet([
      quiet(55),
      quiet(54),
      full,
      quiet(44),
      quiet(43),
      quiet(42),
      late,
    ]);
    expect(
      runs.map(run => ('row' in run ? run.row.start : run.quiet.length)),
    ).toEqual([
      '2026-11-21T10:55:00.000Z',
      '2026-11-21T10:54:00.000Z',
      START,
      3,
      late.start,
    ]);
  });
});

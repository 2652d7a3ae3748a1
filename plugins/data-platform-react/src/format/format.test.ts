import {
  bucketWord,
  formatAge,
  formatBucket,
  formatBytes,
  formatCountOf,
  formatDuration,
  formatLateness,
  formatShare,
  formatUtcDateTime,
  formatUtcTime,
} from '.';

describe('formatting', () => {
  it.each([
    [0, '0 s'],
    [340, '0.3 s'],
    [4_000, '4 s'],
    [9_940, '9.9 s'],
    [12_400, '12 s'],
    [59_600, '1 min'],
    [200_000, '3 min 20 s'],
    [3_600_000, '1 h'],
    [3_599_700, '1 h'],
    [7_500_000, '2 h 5 min'],
    [90_000_000, '1 d 1 h'],
    [-4_000, '-4 s'],
  ])('prints %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('prints lateness with its sign', () => {
    expect(formatLateness(4_000)).toBe('+4 s');
    expect(formatLateness(-200)).toBe('-0.2 s');
  });

  it('prints times in UTC whatever zone they come in', () => {
    expect(formatUtcTime('2026-11-21T11:52:04.700+01:00')).toBe('10:52:04 UTC');
    expect(formatUtcDateTime('2026-11-21T10:52:04Z')).toBe(
      '2026-11-21 10:52:04 UTC',
    );
  });

  it('prints the seconds of a bucket only where they matter', () => {
    expect(formatBucket('2026-11-21T10:52:00Z', '2026-11-21T10:53:00Z')).toBe(
      '2026-11-21 10:52–10:53 UTC',
    );
    expect(formatBucket('2026-11-21T10:52:50Z', '2026-11-21T10:53:00Z')).toBe(
      '2026-11-21 10:52:50–10:53:00 UTC',
    );
  });

  it('never says that something happened in the future', () => {
    const now = new Date('2026-11-21T10:52:16Z');
    expect(formatAge('2026-11-21T10:52:04Z', now)).toBe('12 s ago');
    expect(formatAge('2026-11-21T10:52:20Z', now)).toBe('just now');
  });

  it('counts things and sizes in words', () => {
    expect(formatCountOf(1, 'event')).toBe('1 event');
    expect(formatCountOf(12_040, 'event')).toBe('12,040 events');
    expect(formatCountOf(2, 'process', 'processes')).toBe('2 processes');
    expect(formatBytes(999)).toBe('999 B');
    expect(formatBytes(1_249_000)).toBe('1.2 MB');
  });

  it('never rounds a share to a whole or a nothing that it is not', () => {
    expect(
      [
        [0, 0],
        [0, 9],
        [9, 9],
        [1, 3],
        [99_999, 100_000],
        [1, 100_000],
      ].map(([part, whole]) => formatShare(part, whole)),
    ).toEqual(['0 %', '0 %', '100 %', '33.3 %', '> 99.9 %', '< 0.1 %']);
  });

  it('names buckets as people do', () => {
    expect([3600, 60, 10, 900].map(bucketWord)).toEqual([
      'hour',
      'minute',
      '10 s bucket',
      '15 min bucket',
    ]);
  });
});

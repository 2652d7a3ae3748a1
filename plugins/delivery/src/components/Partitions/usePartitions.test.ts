import { partition } from '../../__testUtils__/estate';
import { mergeFirstPage } from './usePartitions';

const page = (minutes: number[], nextBefore?: string) => ({
  items: minutes.map(minute =>
    partition(`2026-11-21T10:${minute}:00.000Z`, { accepted: minute }),
  ),
  nextBefore,
});
const minutesOf = (list: { items: { accepted: number }[] }) =>
  list.items.map(({ accepted }) => accepted);

describe('mergeFirstPage', () => {
  it('puts new partitions before the known ones and keeps the older pages', () => {
    const merged = mergeFirstPage(
      page([52, 51, 50, 49, 48, 47], 'before 47'),
      page([53, 52, 51], 'before 51'),
    );
    expect(minutesOf(merged)).toEqual([53, 52, 51, 50, 49, 48, 47]);
    expect(merged.nextBefore).toBe('before 47');
  });

  it('shows a partition as the backend has it now', () => {
    const known = page([52, 51]);
    const fresh = page([52, 51]);
    fresh.items[0].delivered = 7;
    expect(mergeFirstPage(known, fresh).items[0].delivered).toBe(7);
  });

  it('drops what is known rather than showing a gap', () => {
    const merged = mergeFirstPage(
      page([30, 29, 28], 'before 28'),
      page([53, 52, 51], 'before 51'),
    );
    expect(minutesOf(merged)).toEqual([53, 52, 51]);
    expect(merged.nextBefore).toBe('before 51');
  });
});

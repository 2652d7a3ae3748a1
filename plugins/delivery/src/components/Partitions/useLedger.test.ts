import { ledgerPage, ledgerRow } from '../../__testUtils__/estate';
import { mergeNewestPage } from './useLedger';

const page = (minutes: number[], nextBefore?: string) =>
  ledgerPage({
    items: minutes.map(minute => ledgerRow(`2026-11-21T10:${minute}:00.000Z`)),
    nextBefore,
  });
const minutesOf = ({ items }: { items: { start: string }[] }) =>
  items.map(({ start }) => Number(start.slice(14, 16)));

describe('mergeNewestPage', () => {
  it('puts new rows before the known ones and keeps the older pages', () => {
    const merged = mergeNewestPage(
      page([52, 51, 50, 49, 48, 47], 'before 47'),
      page([53, 52, 51], 'before 51'),
    );
    expect(minutesOf(merged)).toEqual([53, 52, 51, 50, 49, 48, 47]);
    expect(merged.nextBefore).toBe('before 47');
  });

  it('shows a row as the backend has it now', () => {
    const fresh = page([52, 51]);
    fresh.items[0].line.delivered = 7;
    const merged = mergeNewestPage(page([52, 51]), fresh);
    expect(merged.items[0].line.delivered).toBe(7);
  });

  it('drops what is known rather than showing a gap', () => {
    const merged = mergeNewestPage(
      page([30, 29, 28], 'before 28'),
      page([53, 52, 51], 'before 51'),
    );
    expect(minutesOf(merged)).toEqual([53, 52, 51]);
    expect(merged.nextBefore).toBe('before 51');
  });

  it('drops buckets when hours are shown', () => {
    const hours = { ...page([53]), unit: 'hour' as const };
    expect(mergeNewestPage(page([53, 52]), hours)).toBe(hours);
  });
});

import { queryOf, zoomHref, zoomOf } from './zoom';

const NOW = new Date('2026-11-21T10:53:10Z');
const at = (query: string) => zoomOf(new URLSearchParams(query));
const queryAt = (query: string, bucketSeconds = 60) =>
  queryOf(at(query), { bucketSeconds, now: NOW });

describe('the zoom of the address bar', () => {
  it('is a day or an hour, and nothing where the address means neither', () => {
    expect(at('')).toBeUndefined();
    expect(at('day=yesterday')).toBeUndefined();
    expect(at('day=2026-13-41')).toBeUndefined();
    expect(at('day=2026-11-21')).toEqual({
      unit: 'day',
      from: '2026-11-21T00:00:00.000Z',
      to: '2026-11-22T00:00:00.000Z',
    });
    expect(at('day=2026-11-21&hour=2026-11-21T10')).toEqual({
      unit: 'hour',
      from: '2026-11-21T10:00:00.000Z',
      to: '2026-11-21T11:00:00.000Z',
    });
  });

  it('asks for hours of a day and buckets of an hour, and for buckets where these are hours', () => {
    expect(queryAt('')).toEqual({});
    expect(queryAt('day=2026-11-20')).toEqual({
      by: 'hour',
      from: '2026-11-20T00:00:00.000Z',
      before: '2026-11-21T00:00:00.000Z',
      limit: 200,
    });
    expect(queryAt('day=2026-11-20', 3600)).toMatchObject({ by: 'bucket' });
    expect(queryAt('hour=2026-11-20T09')).toMatchObject({
      by: 'bucket',
      from: '2026-11-20T09:00:00.000Z',
      before: '2026-11-20T10:00:00.000Z',
    });
  });

  it('asks up to now for what is not over, so that the open bucket is there', () => {
    expect(queryAt('hour=2026-11-21T10')).toHaveProperty('before', undefined);
    expect(queryAt('day=2026-11-21')).toHaveProperty('before', undefined);
  });

  it('keeps what else the address says', () => {
    const search = new URLSearchParams('reason=wrong_type&day=2026-11-20');
    expect(zoomHref(search)).toBe('?reason=wrong_type');
    expect(
      zoomHref(search, { unit: 'hour', start: '2026-11-20T09:00:00.000Z' }),
    ).toBe('?reason=wrong_type&hour=2026-11-20T09');
  });
});

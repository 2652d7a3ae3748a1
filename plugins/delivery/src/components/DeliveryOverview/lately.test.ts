import { partition, row } from '../../__testUtils__/estate';
import { deliveredPerBucket, describeDelivered } from './lately';

const minute = (n: number) => `2026-11-21T10:${n}:00.000Z`;

/** Sealed in the given minutes, newest first, as the backend sends them. */
function sealedIn(eventType: string, minutes: number[], delivered: number) {
  return row(eventType, {
    recent: [...minutes]
      .reverse()
      .map(n => partition(minute(n), { eventType, delivered })),
  });
}

describe('deliveredPerBucket', () => {
  it('adds up all event types, oldest bucket first', () => {
    const points = deliveredPerBucket([
      sealedIn('push', [50, 51, 52], 10),
      sealedIn('star', [51, 52], 5),
    ]);
    expect(points.map(({ at, value }) => [at, value])).toEqual([
      [minute(50), 10],
      [minute(51), 15],
      [minute(52), 15],
    ]);
  });

  it('leaves out the newest bucket while event types are still being sealed in it', () => {
    const points = deliveredPerBucket([
      sealedIn('push', [51, 52], 10),
      sealedIn('star', [51], 5),
    ]);
    expect(points.map(({ at }) => at)).toEqual([minute(51)]);
  });

  it('keeps a single bucket, and is nothing without any', () => {
    expect(deliveredPerBucket([sealedIn('push', [52], 1)])).toHaveLength(1);
    expect(deliveredPerBucket([row('push', { recent: [] })])).toEqual([]);
  });
});

describe('describeDelivered', () => {
  it('tells the range and the newest', () => {
    expect(
      describeDelivered([{ value: 1200 }, { value: 3 }, { value: 40 }], 'hour'),
    ).toBe('Between 3 and 1,200 events per hour, 40 in the newest.');
    expect(describeDelivered([{ value: 1 }, { value: 1 }], 'minute')).toBe(
      '1 event in every minute.',
    );
  });
});

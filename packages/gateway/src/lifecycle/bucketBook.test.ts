import { batchHash } from '@millrace/ledger';
import { ManualClock } from '../__testUtils__/manualClock';
import { createReceiveClock } from '../clock';
import { BucketBook } from './bucketBook';

const at = (time: string) => new Date(`2026-11-21T${time}Z`);

describe('BucketBook', () => {
  let clock: ManualClock;
  let book: BucketBook;

  beforeEach(() => {
    clock = new ManualClock(at('12:00:05').getTime());
    book = new BucketBook(createReceiveClock(clock), at('12:00:05'));
  });

  const declared = () =>
    book
      .takeDeclarations()
      .map(({ bucket }) => [
        bucket.start.toISOString().slice(11, 19),
        bucket.seconds,
      ]);

  it('declares every bucket since the start, also without events', () => {
    clock.advance(12_000);
    book.setBucketSeconds(10);
    clock.advance(15_000);

    expect(declared()).toEqual([
      ['12:00:00', 10],
      ['12:00:10', 10],
      ['12:00:20', 10],
    ]);
    expect(declared()).toEqual([]);
  });

  it('does not declare a bucket with a batch under way, nor hold back later ones', () => {
    book.setBucketSeconds(10);
    const { bucket } = book.stamp();
    book.hold(bucket);
    clock.advance(20_000);

    expect(declared()).toEqual([['12:00:10', 10]]);

    const batch = book.nextBatch(bucket, 'shop.order');
    book.settle(bucket, {
      eventType: 'shop.order',
      batch,
      events: 3,
      crc: 7,
      isConfirmed: true,
    });

    expect(book.takeDeclarations()).toEqual([
      {
        bucket,
        counts: [
          {
            eventType: 'shop.order',
            lastBatch: 1,
            abandonedBatches: [],
            events: 3,
            batchesSum: batchHash(1, 7),
          },
        ],
      },
    ]);
  });

  it('never stamps into a declared bucket when the system time is set back', () => {
    book.setBucketSeconds(10);
    clock.advance(10_000);
    expect(declared()).toEqual([['12:00:00', 10]]);

    clock.setBack(60_000);
    const { receivedAt, bucket } = book.stamp();

    expect(bucket.start).toEqual(at('12:00:10'));
    expect(receivedAt).toEqual(at('12:00:15'));
  });

  it('changes the length of buckets only where both lengths begin a bucket', () => {
    book.setBucketSeconds(60);
    clock.advance(30_000);
    book.setBucketSeconds(3600);
    clock.advance(58 * 60_000);
    expect(book.stamp().bucket.seconds).toBe(60);
    clock.advance(2 * 60_000);
    expect(book.stamp().bucket).toEqual({
      start: at('13:00:00'),
      seconds: 3600,
    });
    book.setBucketSeconds(10);
    clock.advance(30 * 60_000);
    expect(book.stamp().bucket.seconds).toBe(3600);
    clock.advance(29.5 * 60_000);
    expect(book.stamp().bucket).toEqual({ start: at('14:00:00'), seconds: 10 });

    const all = declared();
    expect(all).toHaveLength(61);
    expect(new Set(all.map(([start]) => start)).size).toBe(61);
  });

  it('ends the bucket under way when it is closed, and stamps no more', () => {
    book.setBucketSeconds(10);

    book.close();

    expect(declared()).toEqual([['12:00:00', 10]]);
    expect(() => book.stamp()).toThrow('not open');
  });
});

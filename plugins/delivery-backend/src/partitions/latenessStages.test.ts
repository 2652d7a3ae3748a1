import fc from 'fast-check';
import { latenessStages } from './latenessStages';

const END = new Date('2026-11-21T11:00:00Z');
const at = (ms: number) => new Date(END.getTime() + ms);

const TIMES = {
  lastReceivedAt: at(-200),
  lastPublishedAt: at(300),
  lastStagedAt: at(1_000),
  closedAt: at(2_500),
  sealedAt: at(4_000),
};

describe('latenessStages', () => {
  it('says where the time after the end of the bucket went', () => {
    const stages = latenessStages(TIMES, { bucketEnd: END, hasBatches: true });
    expect(stages).toEqual({
      lastReceivedAt: '2026-11-21T10:59:59.800Z',
      lastPublishedAt: '2026-11-21T11:00:00.300Z',
      lastStagedAt: '2026-11-21T11:00:01.000Z',
      closedAt: '2026-11-21T11:00:02.500Z',
      sealedAt: '2026-11-21T11:00:04.000Z',
      shares: [
        { stage: 'publish', ms: 300 },
        { stage: 'stage', ms: 700 },
        { stage: 'close', ms: 1_500 },
        { stage: 'seal', ms: 1_500 },
      ],
      clocksDifferMs: undefined,
    });
  });

  it('counts nothing for what was through before the bucket ended', () => {
    const stages = latenessStages(
      { ...TIMES, lastPublishedAt: at(-900), lastStagedAt: at(-100) },
      { bucketEnd: END, hasBatches: true },
    );
    expect(stages?.shares).toEqual([
      { stage: 'publish', ms: 0 },
      { stage: 'stage', ms: 0 },
      { stage: 'close', ms: 2_500 },
      { stage: 'seal', ms: 1_500 },
    ]);
    // Received after it was published.
    expect(stages?.clocksDifferMs).toBe(700);
  });

  it('has only closing and sealing for a bucket without batches', () => {
    const { closedAt, sealedAt } = TIMES;
    expect(
      latenessStages(
        { closedAt, sealedAt },
        { bucketEnd: END, hasBatches: false },
      )?.shares,
    ).toEqual([
      { stage: 'publish', ms: 0 },
      { stage: 'stage', ms: 0 },
      { stage: 'close', ms: 2_500 },
      { stage: 'seal', ms: 1_500 },
    ]);
  });

  it('makes nothing up for a bucket whose stages were not recorded', () => {
    const { closedAt, sealedAt } = TIMES;
    expect(
      latenessStages(
        { closedAt, sealedAt },
        { bucketEnd: END, hasBatches: true },
      ),
    ).toBeUndefined();
  });

  it('divides no lateness that is negative, and says that clocks differ', () => {
    expect(
      latenessStages(
        { ...TIMES, sealedAt: at(-5_000) },
        { bucketEnd: END, hasBatches: true },
      ),
    ).toMatchObject({ shares: [], clocksDifferMs: 7_500 });
  });

  it('never shows a negative stage, and always adds up to the lateness, whatever the clocks say', () => {
    const anyTime = fc.integer({ min: -100_000, max: 100_000 }).map(at);
    fc.assert(
      fc.property(
        fc.record({
          lastReceivedAt: fc.option(anyTime, { nil: undefined }),
          lastPublishedAt: anyTime,
          lastStagedAt: anyTime,
          closedAt: anyTime,
          sealedAt: fc.integer({ min: 0, max: 100_000 }).map(at),
        }),
        times => {
          const stages = latenessStages(times, {
            bucketEnd: END,
            hasBatches: true,
          });
          const shares = stages?.shares.map(({ ms }) => ms) ?? [];
          expect(shares.every(ms => ms >= 0)).toBe(true);
          expect(shares.reduce((sum, ms) => sum + ms, 0)).toBe(
            times.sealedAt.getTime() - END.getTime(),
          );
          const isContradicted =
            times.lastStagedAt < times.lastPublishedAt ||
            times.sealedAt < times.closedAt ||
            times.sealedAt < times.lastStagedAt;
          expect(isContradicted && !stages?.clocksDifferMs).toBe(false);
        },
      ),
    );
  });
});

import { dayRow, ledgerLine } from '../../__testUtils__/estate';
import type { EventTypeHealth } from '../../health';
import { describeDelivery } from './describeDelivery';

const HEALTHY: EventTypeHealth = {
  status: 'good',
  word: 'on time',
  sentence: 'The last minute was sealed 4 s after its end.',
};
const LATE: EventTypeHealth = {
  status: 'bad',
  word: 'late',
  sentence: 'Late: nothing sealed yet.',
};
const COMPLETE = ledgerLine({ delivered: 1201, refused: 0, completeness: 1 });

const answer = (
  row: Parameters<typeof dayRow>[0],
  health: EventTypeHealth = HEALTHY,
) => describeDelivery(dayRow(row), health, 60);

describe('does all of it arrive, and in time?', () => {
  it('is answered with yes when every event is accounted for and nothing was late', () => {
    expect(answer({ line: COMPLETE })).toEqual({
      status: 'good',
      sentence:
        'Yes: all 1,204 events of the last 24 hours are delivered, and all 653 minutes sealed in time.',
    });
    expect(
      answer({
        line: ledgerLine({
          ...COMPLETE,
          delivered: 1161,
          inFlight: { ...COMPLETE.inFlight, total: 40, staged: 40 },
        }),
      }).sentence,
    ).toBe(
      'Yes: 1,164 of 1,204 events of the last 24 hours are delivered, 40 events staged and not sealed, and all 653 minutes sealed in time.',
    );
  });

  it('names what did not arrive, and what was late', () => {
    const { buckets } = dayRow();
    expect(
      answer({
        buckets: { ...buckets, late: 3, waiting: 1 },
        lateness: { medianMs: 4_000, maxMs: 720_000 },
      }),
    ).toEqual({
      status: 'attention',
      sentence:
        'Not quite: 1,203 of 1,204 events of the last 24 hours are delivered, 1 refused at sealing and kept, and 3 of 653 minutes were sealed late, at most 12 min after their end, 1 minute waiting to be closed.',
    });
  });

  it('says first that the ledger does not add up', () => {
    expect(answer({ line: ledgerLine({ accepted: 1207 }) }, LATE)).toEqual({
      status: 'bad',
      sentence:
        'No: 3 events unaccounted for in the last 24 hours. The ledger does not add up; tell the platform team.',
    });
  });

  it('says then that readers wait, and before all that nothing can be said yet', () => {
    expect(answer({ line: COMPLETE }, LATE)).toBe(LATE);
    const waiting = { ...HEALTHY, status: 'waiting' as const };
    expect(answer({ line: COMPLETE }, waiting)).toBe(waiting);
    expect(describeDelivery(undefined, HEALTHY, 60)).toBe(HEALTHY);
  });

  it('takes silence for no fault of delivery', () => {
    const { buckets } = dayRow();
    expect(
      answer({
        line: ledgerLine({
          accepted: 0,
          delivered: 0,
          duplicates: 0,
          refused: 0,
          completeness: undefined,
        }),
        buckets: { ...buckets, sealed: 1 },
      }),
    ).toEqual({
      status: 'good',
      sentence:
        'Yes: no event was accepted in the last 24 hours, and the one minute sealed in time.',
    });
  });
});

import { NOW, partition, row, status } from '../__testUtils__/estate';
import { estateHealth, eventTypeHealth } from '.';

const at = (minute: number, overrides = {}) =>
  partition(`2026-11-21T10:${minute}:00.000Z`, overrides);
const judge = (overrides: Parameters<typeof row>[1], now = NOW) =>
  eventTypeHealth(row('push', overrides), { bucketSeconds: 60, now });

describe('eventTypeHealth', () => {
  it('is on time while the newest minute is sealed within the objective of the tier', () => {
    expect(judge({}).sentence).toBe(
      'The last minute was sealed 4 s after its end.',
    );
  });

  it('is late when the next minute should be sealed and is not', () => {
    // The minute 10:51 ended at 10:52; at 10:53:10 it is 70 s overdue.
    const health = judge({ recent: [at(50)] });
    expect(health.status).toBe('bad');
    expect(health.sentence).toBe(
      'Late: nothing sealed since 10:51:04 UTC; the minute that ended 1 min 10 s ago is still open.',
    );
    // A low tier may wait for minutes.
    expect(judge({ recent: [at(50)], objectiveMs: 300_000 }).status).toBe(
      'good',
    );
  });

  it('is late when an old minute is stuck, though newer ones are sealed', () => {
    const recent = [
      at(52),
      at(40, { state: 'sealing', sealedAt: undefined, latenessMs: undefined }),
    ];
    expect(judge({ recent })).toMatchObject({ status: 'bad', word: 'late' });
  });

  it('catches up when the newest minute was sealed late', () => {
    const health = judge({ recent: [at(52, { latenessMs: 90_000 })] });
    expect(health).toMatchObject({
      status: 'attention',
      word: 'sealed late',
      sentence:
        'Catching up: the last minute was sealed 1 min 30 s after its end, 30 s later than the tier normal allows.',
    });
  });

  it('waits, and says for what, before there is a partition', () => {
    const [declared, provisioned, ...others] = row('push').conditions;
    expect(
      judge({
        recent: [],
        conditions: [
          declared,
          { ...provisioned, reached: false, message: 'The topic is missing.' },
          ...others,
        ],
      }).sentence,
    ).toBe('Not ready to receive yet: The topic is missing.');
    expect(judge({ recent: [] }).status).toBe('waiting');
  });
});

describe('estateHealth', () => {
  it('answers in one sentence when all is well', () => {
    const rows = [
      row('push'),
      row('star', { recent: [at(52, { latenessMs: 12_000 })] }),
    ];
    expect(estateHealth(rows, status(), NOW)).toEqual({
      answer:
        'All 2 event types are on time; last minute sealed 12 s after its end',
      status: 'good',
      problems: [],
    });
  });

  it('names what is late', () => {
    const rows = ['a', 'b', 'c', 'd', 'e'].map((name, index) =>
      row(name, index === 0 ? {} : { recent: [at(40)] }),
    );
    expect(estateHealth(rows, status(), NOW).answer).toBe(
      '4 of 5 event types are late: b, c, d and 1 more',
    );
  });

  it('names the process that is down', () => {
    const { problems } = estateHealth(
      [row('push')],
      status({
        gateways: [],
        processes: [{ role: 'gateway', state: 'backing-off', restarts: 3 }],
      }),
      NOW,
    );
    expect(problems).toEqual([
      'The gateway ended and is started again shortly.',
      'No gateway is alive: events cannot be accepted.',
    ]);
  });

  it('does not take starting up for a fault', () => {
    expect(
      estateHealth(
        [],
        status({
          gateways: [],
          workers: [],
          processes: [{ role: 'broker', state: 'starting', restarts: 0 }],
        }),
        NOW,
      ),
    ).toEqual({
      answer: 'Delivery is starting up',
      status: 'waiting',
      problems: [],
    });
  });
});

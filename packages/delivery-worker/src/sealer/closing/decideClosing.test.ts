import fc from 'fast-check';
import { ClosingInputsOfGateway } from '@millrace/ledger';
import { decideClosing, dependsOnBacklog } from './decideClosing';
import { BacklogReading, ClosingQuestion } from './types';

const START = Date.parse('2026-11-21T13:00:00Z');
const at = (seconds: number) => new Date(START + seconds * 1000);
const bucket = { start: at(0), seconds: 60 };

function gateway(
  overrides: Partial<ClosingInputsOfGateway> = {},
): ClosingInputsOfGateway {
  return {
    gateway: 'g',
    epoch: '1',
    registered: true,
    startedAt: at(-100),
    leaseExpiresAt: at(90),
    declared: true,
    lastBatch: 3,
    abandonedBatches: [],
    poisonBatches: [],
    declaredEvents: 30,
    stagedBatches: 3,
    stagedEvents: 30,
    missingBatches: [],
    ...overrides,
  };
}

const dead = gateway({ declared: false, leaseExpiresAt: at(70) });

function question(
  gateways: ClosingInputsOfGateway[],
  now: Date = at(80),
): ClosingQuestion {
  return { bucket, now, gateways };
}

function reading(
  measuredAt: Date,
  oldestUnackedAgeSeconds: number,
  undelivered: number,
): BacklogReading {
  return { measuredAt, oldestUnackedAgeSeconds, undelivered };
}

const nothingUnacked = reading(at(75), 0, 0);
const codes = (
  gateways: ClosingInputsOfGateway[],
  backlog?: BacklogReading,
  now?: Date,
) =>
  decideClosing(question(gateways, now), backlog).reasons.map(
    ({ code }) => code,
  );

describe('decideClosing', () => {
  it('closes when every gateway has declared and all its batches are staged', () => {
    const gateways = [gateway(), gateway({ gateway: 'h', lastBatch: 0 })];
    expect(decideClosing(question(gateways), undefined)).toEqual({
      rule: 'every-gateway-declared',
      verdict: 'closed',
      reasons: [],
      inputs: { decidedAt: at(80).toISOString(), gateways },
    });
  });

  it('waits for a declared batch that is not staged, whatever the backlog says', () => {
    const gateways = [gateway(), gateway({ missingBatches: [2, 3] })];
    const decision = decideClosing(question(gateways), nothingUnacked);
    expect(decision.verdict).toBe('blocked');
    expect(decision.reasons).toEqual([
      {
        code: 'batches_missing',
        gateway: 'g',
        epoch: '1',
        message: expect.stringContaining('2 are not staged yet'),
      },
    ]);
  });

  it('waits for a gateway that is alive and has not declared', () => {
    const alive = gateway({ declared: false, leaseExpiresAt: at(80) });
    expect(codes([gateway(), alive], nothingUnacked)).toEqual([
      'gateway_not_declared',
    ]);
  });

  it('closes over a dead gateway once nothing it can have published is unacknowledged', () => {
    const decision = decideClosing(question([gateway(), dead]), nothingUnacked);
    expect(decision).toMatchObject({
      rule: 'backlog-passed',
      verdict: 'closed',
      inputs: { backlog: nothingUnacked },
    });
  });

  it('takes gaps in the numbers of a dead gateway for batches that never left it', () => {
    expect(
      codes([{ ...dead, lastBatch: 4, missingBatches: [2] }], nothingUnacked),
    ).toEqual([]);
  });

  it('takes the end of a gateway that said goodbye for its last instant', () => {
    const ended = gateway({
      declared: false,
      endedAt: at(30),
      leaseExpiresAt: at(300),
    });
    expect(codes([ended], reading(at(61), 0, 0))).toEqual([]);
  });

  it.each<[string, BacklogReading | undefined, string[]]>([
    ['unknown', undefined, ['backlog_unknown']],
    ['from before the lease expired', reading(at(69), 0, 0), ['backlog_stale']],
    ['from the very instant', reading(at(70), 0, 0), ['backlog_stale']],
    ['old, as of the bucket', reading(at(59), 0, 0), ['backlog_stale']],
    // Published at 75 - 4.x: after 70 for sure.
    ['young', reading(at(75), 3, 5), []],
    // Published between 70 and 71: after the end.
    ['a second short', reading(at(75), 4, 5), ['backlog_not_passed']],
    ['old', reading(at(79), 3600, 5), ['backlog_not_passed']],
    [
      'without age, but not empty',
      reading(at(71), 0, 5),
      ['backlog_not_passed'],
    ],
    ['empty, but with an age', reading(at(75), 60, 0), ['backlog_not_passed']],
  ])(
    'blocks or closes over a dead gateway when the backlog is %s',
    (_, backlog, expected) => {
      expect(codes([dead], backlog)).toEqual(expected);
    },
  );

  it('declares no gateway dead by a clock that has run ahead of that of the ledger', () => {
    const ahead = { ...question([dead]), now: at(10_000), readAt: at(65) };
    const decided = decideClosing(ahead, reading(at(9_999), 0, 0));
    expect(decided.reasons.map(({ code }) => code)).toEqual([
      'gateway_not_declared',
    ]);
    expect(dependsOnBacklog(ahead)).toBe(false);
    expect(dependsOnBacklog({ ...ahead, readAt: at(71) })).toBe(true);
  });

  describe('under an order to close whatever is missing', () => {
    const forced = {
      reason: 'gateway h burned down',
      requestedBy: 'user:default/platform',
      requestedAt: at(75),
      missing: { gateways: [] },
    };
    const gateways = [
      gateway({ missingBatches: [2, 3], stagedBatches: 1, stagedEvents: 10 }),
      gateway({ gateway: 'h', declared: false }),
    ];

    it('closes, and keeps the order, what it overruled and what was missing', () => {
      const overruled = decideClosing(question(gateways), undefined);
      expect(
        decideClosing({ ...question(gateways), forced }, undefined),
      ).toEqual({
        rule: 'forced',
        verdict: 'closed',
        reasons: [],
        inputs: {
          decidedAt: at(80).toISOString(),
          gateways,
          forced: {
            reason: forced.reason,
            requestedBy: forced.requestedBy,
            requestedAt: at(75).toISOString(),
            overruled: {
              rule: 'backlog-passed',
              reasons: overruled.reasons,
            },
            missing: {
              eventsAtMost: undefined,
              gateways: [
                expect.objectContaining({
                  gateway: 'g',
                  batches: [2, 3],
                  eventsAtMost: 20,
                }),
                expect.objectContaining({ gateway: 'h', declared: false }),
              ],
            },
          },
        },
      });
    });

    it('closes by the rules when they close it anyway', () => {
      const complete = [gateway()];
      expect(
        decideClosing({ ...question(complete), forced }, undefined),
      ).toEqual(decideClosing(question(complete), undefined));
    });
  });

  it('asks the backlog when batches landed and nobody is known to have been alive', () => {
    expect(codes([], undefined)).toEqual(['backlog_unknown']);
    expect(codes([], reading(at(60), 0, 0))).toEqual(['backlog_stale']);
    expect(codes([], reading(at(61), 0, 0))).toEqual([]);
  });
});

describe('decideClosing, whatever the inputs', () => {
  const gateways = fc
    .array(
      fc.record({
        declared: fc.boolean(),
        life: fc.integer({ min: -10, max: 120 }),
        endsProperly: fc.boolean(),
        missing: fc.subarray([1, 2, 3]),
      }),
      { maxLength: 4 },
    )
    .map(lives =>
      lives.map(({ declared, life, endsProperly, missing }, index) =>
        gateway({
          gateway: `g${index}`,
          declared,
          missingBatches: missing,
          leaseExpiresAt: at(endsProperly ? life + 30 : life),
          endedAt: endsProperly ? at(life) : undefined,
        }),
      ),
    );
  const backlogs = fc.option(
    fc
      .record({
        measured: fc.integer({ min: 0, max: 130 }),
        age: fc.integer({ min: 0, max: 130 }),
        undelivered: fc.integer({ min: 0, max: 2 }),
      })
      .map(({ measured, age, undelivered }) =>
        reading(at(measured), age, undelivered),
      ),
    { nil: undefined },
  );
  const nows = fc.integer({ min: 60, max: 130 }).map(at);

  it('closes only when each gateway is accounted for', () => {
    fc.assert(
      fc.property(gateways, backlogs, nows, (lives, backlog, now) => {
        const { verdict, reasons } = decideClosing(
          { bucket, now, gateways: lives },
          backlog,
        );
        const accounted = lives.every(life =>
          life.declared
            ? life.missingBatches.length === 0
            : (life.endedAt ?? life.leaseExpiresAt) < now &&
              backlog !== undefined &&
              backlog.measuredAt > (life.endedAt ?? life.leaseExpiresAt) &&
              backlog.measuredAt > at(60),
        );
        expect(verdict).toBe(reasons.length === 0 ? 'closed' : 'blocked');
        expect(verdict === 'closed' && !accounted).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('needs no backlog when it says so', () => {
    fc.assert(
      fc.property(gateways, backlogs, nows, (lives, backlog, now) => {
        const asked = { bucket, now, gateways: lives };
        fc.pre(!dependsOnBacklog(asked));
        expect(decideClosing(asked, backlog).verdict).toBe(
          decideClosing(asked, undefined).verdict,
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('never closes while a message of a dead gateway is still on its way', () => {
    // A broker with its messages, measured as Cloud Monitoring does: the age of
    // the oldest, in whole seconds, and the number, at an instant in the past.
    const messages = fc.array(
      fc.record({
        published: fc.integer({ min: 0, max: 100_000 }),
        acknowledged: fc.option(fc.integer({ min: 0, max: 150_000 }), {
          nil: Infinity,
        }),
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(
        messages,
        fc.integer({ min: 1_000, max: 100_000 }),
        fc.integer({ min: 0, max: 140_000 }),
        (sent, leaseExpiresMs, measuredMs) => {
          const unacked = sent.filter(
            message =>
              message.published <= measuredMs &&
              message.published + message.acknowledged > measuredMs,
          );
          const oldest = Math.min(...unacked.map(message => message.published));
          const backlog = reading(
            new Date(START + measuredMs),
            unacked.length === 0 ? 0 : Math.floor((measuredMs - oldest) / 1000),
            unacked.length,
          );
          const decision = decideClosing(
            {
              bucket,
              now: at(150),
              gateways: [
                gateway({
                  declared: false,
                  leaseExpiresAt: new Date(START + leaseExpiresMs),
                }),
              ],
            },
            backlog,
          );
          const onItsWay = sent.filter(
            message =>
              message.published <= leaseExpiresMs &&
              message.published + message.acknowledged > measuredMs,
          );
          expect(decision.verdict === 'closed' && onItsWay.length > 0).toBe(
            false,
          );
        },
      ),
      { numRuns: 5000 },
    );
  });
});

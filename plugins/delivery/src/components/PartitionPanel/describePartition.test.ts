import { detail, ledgerRow } from '../../__testUtils__/estate';
import {
  describePartition,
  describeRule,
  describeStanding,
  forcedOf,
  formatBatches,
  formatShare,
  gatewayInputsOf,
  stagePointsOf,
} from './describePartition';

const revision = {
  state: 'sealed' as const,
  accepted: 1,
  delivered: 1,
  duplicates: 0,
  refused: 0,
  conflicts: 0,
  skewed: 0,
  bytes: 1,
};
const REVISIONS = [
  { ...revision, revision: 1, isLive: false },
  { ...revision, revision: 2, isLive: true },
];

describe('a partition in words', () => {
  it('says what became of the bucket, and when this revision was sealed', () => {
    expect(describePartition(detail())).toBe(
      'It was sealed 10:53:04 UTC, +4 s. It holds 1,200 events in 1 file, 48 kB, and never changes.',
    );
    expect(
      describePartition(
        detail({
          revision: 2,
          revisions: REVISIONS,
          sealedAt: '2026-11-22T09:00:00.000Z',
        }),
      ),
    ).toContain('Revision 2, sealed 2026-11-22 09:00:00 UTC. It holds');
    expect(describePartition(detail({ empty: true, delivered: 0 }))).toContain(
      'No event was delivered',
    );
    expect(describePartition(detail({ state: 'sealing' }))).toContain(
      'is being sealed',
    );
  });

  it('says of a revision that it is not the one readers see', () => {
    expect(describeStanding(detail({ isLive: true }))).toBeUndefined();
    expect(
      describeStanding(
        detail({
          isLive: false,
          revision: 1,
          revisions: REVISIONS,
          supersededAt: '2026-11-22T09:00:00.000Z',
        }),
      ),
    ).toBe(
      'This is revision 1, which readers do not see any more since 2026-11-22 09:00:00 UTC. Revision 2 took its place. Its files stay as they are.',
    );
    expect(
      describeStanding(
        detail({ isLive: false, revision: 3, state: 'sealing' }),
      ),
    ).toContain('Revision 3 is being made');
  });

  it('says by which rule it was closed, also by one it does not know', () => {
    expect(describeRule({ rule: 'every-gateway-declared' })).toContain(
      'Every gateway',
    );
    expect(describeRule({ rule: 'by-the-moon' })).toBe(
      "It was closed by the rule 'by-the-moon'.",
    );
    expect(describeRule({})).toBe('Why it was closed was not kept.');
  });

  it('reads the inputs of a decision whatever shape they have', () => {
    const inputs = {
      gateways: [
        {
          gateway: 'g-1',
          epoch: 'e',
          declared: true,
          lastBatch: 3,
          declaredEvents: 10,
          stagedBatches: 2,
          stagedEvents: 8,
          missingBatches: [2, 'two'],
          abandonedBatches: null,
        },
        { gateway: 7 },
        null,
      ],
      forced: {
        reason: 'lost',
        requestedBy: 'user:default/platform',
        requestedAt: '2026-11-21T10:00:00Z',
      },
    };
    expect(gatewayInputsOf({ inputs })).toEqual([
      {
        gateway: 'g-1',
        epoch: 'e',
        declared: true,
        lastBatch: 3,
        declaredEvents: 10,
        stagedBatches: 2,
        stagedEvents: 8,
        missingBatches: [2],
        abandonedBatches: [],
      },
    ]);
    expect(forcedOf({ inputs })).toEqual(inputs.forced);
    for (const none of [undefined, null, 'text', { gateways: 'all' }]) {
      expect(gatewayInputsOf({ inputs: none })).toEqual([]);
      expect(forcedOf({ inputs: none })).toBeUndefined();
    }
  });

  it('puts the stages in order, with the clock each was told by', () => {
    const { bucket, end } = ledgerRow('2026-11-21T10:52:00.000Z');
    expect(
      stagePointsOf(bucket!.stages!, end).map(({ what, clock, ms }) => [
        what,
        clock,
        ms,
      ]),
    ).toEqual([
      ['Last event received', 'gateway', undefined],
      ['Bucket ended', 'gateway', undefined],
      ['Last batch published', 'broker', 300],
      ['Last batch staged', 'ledger', 700],
      ['Closed', 'ledger', 1500],
      ['Sealed', 'worker', 1500],
    ]);
    expect(formatShare(300, 4000)).toBe('0.3 s, 8 %');
    // Sealed at the very end, or before it by another clock.
    expect(formatShare(0, 0)).toBe('0 s');
  });

  it('cuts long lists of batches', () => {
    expect(formatBatches([1, 2])).toBe('1, 2');
    expect(formatBatches(Array.from({ length: 12 }, (_, n) => n + 1))).toBe(
      '1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more',
    );
  });
});

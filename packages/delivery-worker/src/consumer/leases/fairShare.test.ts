import fc from 'fast-check';
import { Tier } from '@millrace/ledger';
import { fairShare } from './fairShare';

const TIERS: Tier[] = ['critical', 'normal', 'low'];
const total = (share: Record<Tier, number>) =>
  TIERS.reduce((sum, tier) => sum + share[tier], 0);

const estates = fc.record({
  members: fc.integer({ min: 1, max: 40 }),
  types: fc.record({
    critical: fc.nat(60),
    normal: fc.nat(2_500),
    low: fc.nat(300),
  }),
});
const named = (members: number) =>
  Array.from({ length: members }, (_, n) => `member-${n}`);
const sharesOf = (members: string[], types: Record<Tier, number>) =>
  members.map(member => fairShare(member, members, types));

describe('the fair share', () => {
  it('gives every type to somebody, evenly within each tier and over all', () => {
    fc.assert(
      fc.property(estates, ({ members, types }) => {
        const shares = sharesOf(named(members), types);
        for (const tier of TIERS) {
          const ofTier = shares.map(share => share[tier]);
          expect(ofTier.reduce((a, b) => a + b)).toBe(types[tier]);
          expect(Math.max(...ofTier) - Math.min(...ofTier)).toBeLessThan(2);
        }
        const totals = shares.map(total);
        expect(Math.max(...totals) - Math.min(...totals)).toBeLessThan(2);
      }),
    );
  });

  it('lets a newcomer move no more than its share and a remainder', () => {
    fc.assert(
      fc.property(estates, ({ members, types }) => {
        const before = sharesOf(named(members), types);
        const after = sharesOf(named(members + 1), types);
        const given = before.map((share, n) =>
          TIERS.reduce(
            (sum, tier) => sum + Math.max(0, share[tier] - after[n][tier]),
            0,
          ),
        );
        const moved = given.reduce((a, b) => a + b);
        expect(moved).toBeLessThanOrEqual(
          total(after[members]) + TIERS.length * members,
        );
      }),
    );
  });

  it('gives nothing to who is not a member', () => {
    expect(fairShare('z', ['a'], { critical: 1, normal: 1, low: 1 })).toEqual({
      critical: 0,
      normal: 0,
      low: 0,
    });
  });
});

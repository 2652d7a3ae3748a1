import { Tier } from '@millrace/ledger';

const TIERS: readonly Tier[] = ['critical', 'normal', 'low'];

/**
 * How many event types of each tier a member is to hold.
 *
 * Everybody computes the same shares from the same members and numbers, and
 * nobody has to be asked. They add up to the number of types; of each tier, and
 * over all tiers together, no member has more than one type more than another.
 * What cannot be divided evenly is dealt out in the order of the members, where
 * the tier before has left off; since members are in the order they joined, a
 * newcomer changes the share of the others only by what it takes.
 *
 * @param members - those that are alive, in one order for all
 * @internal
 */
export function fairShare(
  member: string,
  members: readonly string[],
  types: Readonly<Record<Tier, number>>,
): Record<Tier, number> {
  const share: Record<Tier, number> = { critical: 0, normal: 0, low: 0 };
  const seat = members.indexOf(member);
  if (seat === -1) {
    return share;
  }
  let nextSeat = 0;
  for (const tier of TIERS) {
    const rest = types[tier] % members.length;
    const distance = (seat - nextSeat + members.length) % members.length;
    share[tier] =
      Math.floor(types[tier] / members.length) + (distance < rest ? 1 : 0);
    nextSeat = (nextSeat + rest) % members.length;
  }
  return share;
}

import { type LeaseNumber } from '../store';

/** What an ack id stands for. */
export interface AckTarget {
  subscriptionId: number;
  sequence: number;
  /** Which lease it was given out for; epoch 0 in ids of format 1. */
  lease: LeaseNumber;
}

/**
 * Ack ids name the store, so that an ack that was meant for another data
 * directory can never remove a message of this one, and the lease, so that an
 * old id is told from a new one also after a restart.
 */
export function formatAckId(storeId: string, target: AckTarget): string {
  const { subscriptionId, sequence, lease } = target;
  const numbers = [subscriptionId, sequence, lease.epoch, lease.lease];
  return [storeId, ...numbers.map(number => number.toString(36))].join('-');
}

/**
 * Reads an ack id.
 *
 * @returns `malformed` for what no broker ever gave out, `foreign` for an id
 *   of another store
 */
export function parseAckId(
  storeId: string,
  ackId: string,
): AckTarget | 'foreign' | 'malformed' {
  const match = /^([0-9a-f]{12})((?:-[0-9a-z]{1,11}){3,4})$/.exec(ackId);
  if (!match) {
    return 'malformed';
  }
  if (match[1] !== storeId) {
    return 'foreign';
  }
  const numbers = match[2].split('-').map(number => parseInt(number, 36));
  const [, subscriptionId, sequence] = numbers;
  // Ids of format 1 have no epoch: they date from before every restart.
  const [epoch, lease] = numbers.length === 4 ? [0, 0] : numbers.slice(3);
  return { subscriptionId, sequence, lease: { epoch, lease } };
}

/** True when the first lease was given before the second. */
export function isBefore(a: LeaseNumber, b: LeaseNumber): boolean {
  return a.epoch < b.epoch || (a.epoch === b.epoch && a.lease < b.lease);
}

/** What an ack id stands for. */
export interface AckTarget {
  subscriptionId: number;
  sequence: number;
  /** Which delivery of the message this is, from 1 since the start. */
  attempt: number;
}

/**
 * Ack ids name the store, so that an ack that was meant for another data
 * directory can never remove a message of this one.
 */
export function formatAckId(storeId: string, target: AckTarget): string {
  const { subscriptionId, sequence, attempt } = target;
  return `${storeId}-${subscriptionId.toString(36)}-${sequence.toString(
    36,
  )}-${attempt.toString(36)}`;
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
  const match =
    /^([0-9a-f]{12})-([0-9a-z]{1,11})-([0-9a-z]{1,11})-([0-9a-z]{1,11})$/.exec(
      ackId,
    );
  if (!match) {
    return 'malformed';
  }
  if (match[1] !== storeId) {
    return 'foreign';
  }
  return {
    subscriptionId: parseInt(match[2], 36),
    sequence: parseInt(match[3], 36),
    attempt: parseInt(match[4], 36),
  };
}

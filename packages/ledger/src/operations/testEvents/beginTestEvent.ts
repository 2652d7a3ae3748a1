import { Knex } from 'knex';
import { queryCount, queryRows } from '../../database/values';
import { LedgerError } from '../../errors';
import { inSnapshotTransaction } from '../configSnapshots/snapshotTransaction';
import { createWriteKey } from '../writeKeys/createWriteKey';

/** Enough for one who waits for an answer, and never a load. */
const MAX_SENDING = 3;

/** How long the key works should nobody come back to revoke it. */
const KEY_LIFE_MS = 5 * 60_000;

/** @public */
export interface BeginTestEventOptions {
  /** Also the id of the event. */
  testEventId: string;
  eventType: string;
  /** The source of the event. */
  source: string;
  /** md5 of source and id in UUID form, as sealing computes it. */
  eventKey: string;
  /** Entity ref of who answers for the write key. */
  owner: string;
  /** Entity ref of who sends it. */
  requestedBy: string;
}

/**
 * Notes that a test event is about to be sent, and makes the write key for it:
 * for its event type alone, and for five minutes. Test events whose landing is
 * forgotten (31 days) are forgotten too.
 *
 * In one transaction: there is no key without its event. A crash afterwards
 * leaves a test event that never gets an answer, and a key that ends by itself.
 *
 * @returns the key in clear, which is stored nowhere
 * @throws LedgerError `too_many_test_events` while three of the type wait for
 * their answer
 *
 * @public
 */
export async function beginTestEvent(
  db: Knex,
  options: BeginTestEventOptions,
): Promise<{ keyId: string; writeKey: string }> {
  const { testEventId, eventType, source, eventKey } = options;
  const { owner, requestedBy } = options;
  // Such transactions queue, so two never count the same three.
  return inSnapshotTransaction(db, async tx => {
    const [{ sending }] = await queryRows<{ sending: number }>(
      tx,
      `SELECT count(*)::float8 AS sending FROM test_events
       WHERE event_type = :eventType AND state = 'sending'
         AND requested_at > now() - :keyLifeMs * interval '1 millisecond'`,
      { eventType, keyLifeMs: KEY_LIFE_MS },
    );
    if (sending >= MAX_SENDING) {
      throw new LedgerError(
        'too_many_test_events',
        `${sending} test events of ${eventType} wait for the gateway's answer; wait for it before you send another`,
      );
    }
    await queryCount(
      tx,
      `DELETE FROM test_events
       WHERE event_type = :eventType
         AND requested_at < now() - interval '31 days'`,
      { eventType },
    );
    const key = await createWriteKey(tx, {
      name: `Test event ${testEventId}`,
      owner,
      eventTypes: [eventType],
      createdBy: requestedBy,
      purpose: 'test-event',
      expiresAt: new Date(Date.now() + KEY_LIFE_MS),
    });
    await queryCount(
      tx,
      `INSERT INTO test_events (test_event_id, event_type, source, event_key,
         state, requested_by, key_id)
       VALUES (:testEventId, :eventType, :source, :eventKey, 'sending',
         :requestedBy, :keyId)`,
      {
        testEventId,
        eventType,
        source,
        eventKey,
        requestedBy,
        keyId: key.keyId,
      },
    );
    return key;
  });
}

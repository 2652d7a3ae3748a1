import { randomUUID } from 'node:crypto';
import {
  beginTestEvent,
  finishTestEvent,
  listReplayedEventKeys,
  listSnapshotWriteKeys,
  listTestEvents,
  listWriteKeys,
  noteTestEventAttempt,
  recordRefusedEvents,
  recordStagedBatches,
  type TestEventAnswer,
} from '..';
import {
  explain,
  provision,
  sealBucket,
  stagedBatch,
  useLedger,
  uuid,
} from '../../__testUtils__/ledger';
import { TEST_EVENTS_SQL } from './listTestEvents';

jest.setTimeout(60_000);

const eventType = 'page.viewed';
const source = '/test';
const GATEWAY = { gateway: 'g', epoch: 'e' };
const ACCEPTED: TestEventAnswer = { kind: 'accepted', receipt: 'r-1' };

/** The minute that is running: test events are sent now. */
function thisMinute() {
  const start = new Date();
  start.setUTCSeconds(0, 0);
  return { start, seconds: 60 };
}

describe('test events', () => {
  const ledger = useLedger();

  async function begin(options: { eventKey?: string; type?: string } = {}) {
    const testEventId = randomUUID();
    const key = await beginTestEvent(ledger(), {
      testEventId,
      eventType: options.type ?? eventType,
      source,
      eventKey: options.eventKey ?? uuid(1),
      owner: 'group:default/webhooks',
      requestedBy: 'user:default/owner',
    });
    return { testEventId, ...key };
  }

  const attempt = (testEventId: string) =>
    noteTestEventAttempt(ledger(), { testEventId, to: GATEWAY });

  const read = async (testEventId: string) => {
    const [record] = await listTestEvents(ledger(), {
      eventType,
      testEventId,
      limit: 1,
    });
    return record;
  };

  const keyOf = async (keyId: string) =>
    (await listWriteKeys(ledger(), { keyId }))[0];

  it('have a write key for their event type alone, which ends with the answer', async () => {
    await provision(ledger(), { [eventType]: 'normal' });
    const { testEventId, keyId } = await begin();
    await expect(keyOf(keyId)).resolves.toMatchObject({
      state: 'live',
      purpose: 'test-event',
      eventTypes: [eventType],
      owner: 'group:default/webhooks',
      createdBy: 'user:default/owner',
      expiresAt: expect.any(Date),
    });
    await expect(listSnapshotWriteKeys(ledger())).resolves.toMatchObject([
      { keyId },
    ]);
    await expect(read(testEventId)).resolves.toMatchObject({
      state: 'sending',
      sentAt: undefined,
    });

    await attempt(testEventId);
    await noteTestEventAttempt(ledger(), { testEventId, message: 'waits' });
    await expect(read(testEventId)).resolves.toMatchObject({
      state: 'sending',
      message: 'waits',
      sentAt: expect.any(Date),
    });

    await finishTestEvent(ledger(), { testEventId, answer: ACCEPTED });
    await expect(keyOf(keyId)).resolves.toMatchObject({ state: 'revoked' });
    await expect(listSnapshotWriteKeys(ledger())).resolves.toEqual([]);
    await expect(read(testEventId)).resolves.toMatchObject({
      state: 'accepted',
      receipt: 'r-1',
      message: undefined,
      answeredAt: expect.any(Date),
    });
  });

  it('keep their first answer', async () => {
    const { testEventId } = await begin();
    await attempt(testEventId);
    await finishTestEvent(ledger(), { testEventId, answer: ACCEPTED });
    await finishTestEvent(ledger(), {
      testEventId,
      answer: { kind: 'unanswered', message: 'late' },
    });
    await noteTestEventAttempt(ledger(), { testEventId, message: 'later' });
    await expect(read(testEventId)).resolves.toMatchObject({
      state: 'accepted',
      message: undefined,
    });
  });

  it('are unanswered when whoever sent them is gone and their key has ended', async () => {
    const { testEventId, keyId } = await begin();
    await ledger()('write_keys')
      .where({ key_id: keyId })
      .update({ expires_at: ledger().raw(`now() - interval '1 second'`) });
    await expect(read(testEventId)).resolves.toMatchObject({
      state: 'unanswered',
    });
  });

  it('are three of a type at a time, and do not stand in the way of other types', async () => {
    const first = await begin();
    await begin();
    await begin();
    await expect(begin()).rejects.toMatchObject({
      code: 'too_many_test_events',
    });
    // Nothing of the fourth is left, not even a key.
    await expect(listWriteKeys(ledger())).resolves.toHaveLength(3);
    await begin({ type: 'page.left' });
    await finishTestEvent(ledger(), {
      testEventId: first.testEventId,
      answer: { kind: 'unanswered', message: 'none' },
    });
    await begin();
  });

  it('are staged with the batch of their gateway, and landed where their key did', async () => {
    await provision(ledger(), { [eventType]: 'normal' });
    const eventKey = uuid(7);
    const { testEventId } = await begin({ eventKey });
    await expect(
      listReplayedEventKeys(ledger(), { eventType }),
    ).resolves.toEqual([eventKey]);
    await attempt(testEventId);
    await finishTestEvent(ledger(), { testEventId, answer: ACCEPTED });

    const bucket = thisMinute();
    const stage = (batch: number, gateway: string, publishedAt: Date) =>
      recordStagedBatches(ledger(), {
        batches: [{ ...stagedBatch({ bucket, batch, gateway }), publishedAt }],
        now: new Date(),
      });
    // Of another gateway, and of this one long before.
    await stage(1, 'other', new Date());
    await stage(1, 'g', new Date(Date.now() - 60_000));
    await expect(read(testEventId)).resolves.toMatchObject({
      staged: undefined,
    });
    await stage(2, 'g', new Date());
    const staged = await read(testEventId);
    expect(staged.staged).toMatchObject({ bucketStart: bucket.start });
    expect(staged.landed).toBeUndefined();

    await sealBucket(ledger(), {
      bucket,
      landings: [
        {
          eventKey,
          contentHash: uuid(9),
          bucketStart: bucket.start.toISOString(),
        },
      ],
    });
    await expect(read(testEventId)).resolves.toMatchObject({
      landed: { bucketStart: bucket.start, revision: 1 },
    });
  });

  it('say where they were refused, and are not looked for in partitions then', async () => {
    const { testEventId } = await begin();
    await attempt(testEventId);
    await finishTestEvent(ledger(), {
      testEventId,
      answer: {
        kind: 'refused',
        reason: 'missing_field',
        pointer: '/data/url',
        message: 'Field /data/url is required and missing',
      },
    });
    await expect(
      listReplayedEventKeys(ledger(), { eventType }),
    ).resolves.toEqual([]);
    const answered = await read(testEventId);
    expect(answered.refusal).toEqual({
      stage: 'gateway',
      refusalId: undefined,
      reason: 'missing_field',
      pointer: '/data/url',
      message: 'Field /data/url is required and missing',
    });

    const kept = {
      eventType,
      eventId: testEventId,
      reason: 'missing_field',
      pointer: '/data/url',
      message: 'is required',
      receivedAt: new Date().toISOString(),
      event: '{}',
    };
    // The same id from elsewhere is another event.
    await recordRefusedEvents(ledger(), {
      events: [
        { ...kept, refusalId: uuid(1), source: '/web' },
        { ...kept, refusalId: uuid(2), source },
      ],
    });
    const { refusal } = await read(testEventId);
    expect(refusal).toMatchObject({ stage: 'gateway', refusalId: uuid(2) });
  });

  it('are listed newest first by an index, and forgotten with their landings', async () => {
    const { testEventId: old } = await begin();
    await finishTestEvent(ledger(), {
      testEventId: old,
      answer: { kind: 'unanswered', message: 'none' },
    });
    await ledger()('test_events').update({
      requested_at: ledger().raw(`now() - interval '32 days'`),
    });
    await expect(read(old)).resolves.toMatchObject({ testEventId: old });
    const { testEventId } = await begin();
    const listed = await listTestEvents(ledger(), { eventType, limit: 10 });
    expect(listed.map(record => record.testEventId)).toEqual([testEventId]);

    await ledger().raw(
      `INSERT INTO test_events (test_event_id, event_type, source, event_key,
         state, requested_by, requested_at, key_id)
       SELECT gen_random_uuid(), 'type-' || n % 500, '/test',
         gen_random_uuid(), 'unanswered', 'user:default/owner',
         now() - n * interval '1 minute', k.key_id
       FROM generate_series(1, 5000) AS n, (
         SELECT key_id FROM write_keys LIMIT 1) AS k`,
    );
    await ledger().raw('ANALYZE test_events');
    const plan = await explain(ledger(), TEST_EVENTS_SQL, {
      eventType: 'type-7',
      testEventId: null,
      limit: 20,
    });
    expect(plan).toContain('test_events_type_idx');
  });
});

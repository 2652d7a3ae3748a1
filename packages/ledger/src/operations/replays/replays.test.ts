import { randomUUID } from 'node:crypto';
import {
  beginReplay,
  claimLease,
  createReplay,
  finishReplay,
  findReplayedEventKeys,
  listOpenReplays,
  listReplayedEventKeys,
  listReplayEvents,
  listReplays,
  listSnapshotWriteKeys,
  markReplayEventsSending,
  proveReplays,
  readReplayCandidates,
  readUnsentReplayEvents,
  recordRefusedEvents,
  recordReplayOutcomes,
  recordStagedBatches,
  replayResource,
} from '..';
import {
  bucketAt,
  insertOldEventIds,
  minutes,
  NOON,
  provision,
  sealBucket,
  stagedBatch,
  useLedger,
  uuid,
} from '../../__testUtils__/ledger';
import { RefusedEvent } from '../../types';

jest.setTimeout(60_000);

const eventType = 'page.viewed';

function refused(n: number, overrides: Partial<RefusedEvent> = {}) {
  return {
    refusalId: uuid(n),
    eventType,
    eventId: `id-${n}`,
    source: '/web',
    reason: 'missing_field',
    pointer: '/data/url',
    message: 'is required',
    receivedAt: minutes(n).toISOString(),
    event: `{"n":${n}}`,
    ...overrides,
  };
}

describe('replays', () => {
  const ledger = useLedger();

  const record = (...events: RefusedEvent[]) =>
    recordRefusedEvents(ledger(), { events });

  async function create(
    options: Partial<Parameters<typeof createReplay>[1]> = {},
  ) {
    const replayId = randomUUID();
    const selected = await createReplay(ledger(), {
      replayId,
      eventType,
      request: { selection: {}, fix: [], reason: 'a test' },
      requestedBy: 'user:default/owner',
      limit: 100,
      ...options,
    });
    return { replayId, selected };
  }

  async function begin(replayId: string, holder: string = 'runner-1') {
    const lease = await claimLease(ledger(), {
      resource: replayResource(replayId),
      holder,
      leaseMs: 60_000,
    });
    const fencingToken = lease!.fencingToken;
    const key = await beginReplay(ledger(), {
      replayId,
      fencingToken,
      eventTypes: [eventType],
      requestedBy: 'user:default/owner',
    });
    return { replayId, fencingToken, ...key };
  }

  const toSend = (position: number, n: number = position) => ({
    position,
    eventType,
    eventId: `id-${n}`,
    eventKey: uuid(n),
    isIdMinted: false,
  });

  const stateOf = async (n: number) => {
    const row = await ledger()('refused_events')
      .where({ refusal_id: uuid(n) })
      .first();
    return row.replay_state;
  };

  it('freeze the oldest of what they select, and nobody else gets it', async () => {
    await record(refused(1), refused(2), refused(3));
    await record(refused(4, { eventType: 'page.left' }));
    const first = await create({ limit: 2 });
    expect(first.selected).toBe(2);
    await record(refused(5));
    await expect(
      readUnsentReplayEvents(ledger(), {
        replayId: first.replayId,
        limit: 10,
      }),
    ).resolves.toEqual([
      {
        position: 1,
        refusalId: uuid(1),
        state: 'waiting',
        mintedId: undefined,
        event: '{"n":1}',
        truncated: false,
      },
      expect.objectContaining({ position: 2, refusalId: uuid(2) }),
    ]);
    const candidates = await readReplayCandidates(ledger(), {
      eventType,
      limit: 10,
    });
    expect(candidates.map(row => row.refusalId)).toEqual([uuid(3), uuid(5)]);
    const none = await create({ refusalIds: [uuid(1), uuid(4)] });
    expect(none.selected).toBe(0);
    await expect(
      listReplays(ledger(), { eventType, limit: 10 }),
    ).resolves.toHaveLength(1);
  });

  it('share out a selection that two ask for at the same time', async () => {
    await record(...Array.from({ length: 50 }, (_, n) => refused(n + 1)));
    const both = await Promise.all([create(), create()]);
    const selected = both.map(each => each.selected);
    expect(selected[0] + selected[1]).toBe(50);
  });

  it('are sent with a key of their own that ends with them', async () => {
    await provision(ledger(), { [eventType]: 'normal' });
    await record(refused(1));
    const { replayId } = await create();
    const { keyId } = await begin(replayId);
    await expect(listSnapshotWriteKeys(ledger())).resolves.toMatchObject([
      { keyId, eventTypes: [eventType], expiresAt: expect.any(String) },
    ]);
    // The same holder comes back after a restart: the old key goes.
    const { keyId: next, fencingToken } = await begin(replayId);
    const keys = await listSnapshotWriteKeys(ledger());
    expect(keys.map(key => key.keyId)).toEqual([next]);
    await finishReplay(ledger(), { replayId, fencingToken });
    await expect(listSnapshotWriteKeys(ledger())).resolves.toEqual([]);
    await expect(listOpenReplays(ledger(), { limit: 10 })).resolves.toEqual([]);
  });

  it('take nothing from a runner whose lease was claimed since', async () => {
    await record(refused(1));
    const { replayId } = await create();
    const stale = await begin(replayId);
    const current = await begin(replayId);
    const stalely = [
      markReplayEventsSending(ledger(), { ...stale, events: [toSend(1)] }),
      recordReplayOutcomes(ledger(), {
        ...stale,
        outcomes: [{ position: 1, kind: 'accepted' }],
      }),
      finishReplay(ledger(), stale),
    ];
    for (const attempt of stalely) {
      await expect(attempt).rejects.toMatchObject({
        code: 'fencing_token_stale',
      });
    }
    await expect(
      readUnsentReplayEvents(ledger(), { replayId, limit: 10 }),
    ).resolves.toMatchObject([{ state: 'waiting' }]);
    await finishReplay(ledger(), current);
  });

  it('remember a minted id from before it was sent first', async () => {
    await record(refused(1));
    const { replayId } = await create();
    const runner = await begin(replayId);
    await markReplayEventsSending(ledger(), {
      ...runner,
      events: [{ ...toSend(1), eventId: 'minted', isIdMinted: true }],
    });
    await expect(
      readUnsentReplayEvents(ledger(), { replayId, limit: 10 }),
    ).resolves.toMatchObject([{ state: 'sending', mintedId: 'minted' }]);
  });

  it('never bring back two events of one source and id', async () => {
    await record(refused(1), refused(2));
    const { replayId } = await create();
    const runner = await begin(replayId);
    const events = [toSend(1, 7)];
    await markReplayEventsSending(ledger(), { ...runner, events });
    await expect(
      findReplayedEventKeys(ledger(), {
        eventType,
        eventKeys: [uuid(7), uuid(8)],
      }),
    ).resolves.toEqual(new Set([uuid(7)]));
    await expect(
      markReplayEventsSending(ledger(), { ...runner, events: [toSend(2, 7)] }),
    ).rejects.toMatchObject({ constraint: 'replay_events_one_of_an_id_idx' });
    // Unless the first was refused again.
    await recordReplayOutcomes(ledger(), {
      ...runner,
      outcomes: [
        {
          position: 1,
          kind: 'refused',
          reason: 'wrong_type',
          message: 'm',
          isUnchanged: false,
        },
      ],
    });
    await markReplayEventsSending(ledger(), {
      ...runner,
      events: [toSend(2, 7)],
    });
  });

  it('leave each refused event in the state it is in after them', async () => {
    await record(...[1, 2, 3, 4, 5].map(n => refused(n)));
    const { replayId } = await create();
    const runner = await begin(replayId);
    const same = { reason: 'missing_field', pointer: '/data/url' };
    await markReplayEventsSending(ledger(), {
      ...runner,
      events: [1, 2, 3].map(n => toSend(n)),
    });
    await recordReplayOutcomes(ledger(), {
      ...runner,
      outcomes: [
        { position: 1, kind: 'accepted', receipt: 'r' },
        {
          position: 2,
          kind: 'refused',
          ...same,
          message: 'is required',
          isUnchanged: false,
        },
        // The very same refusal: no other one stands in its place.
        {
          position: 3,
          kind: 'refused',
          ...same,
          message: 'is required',
          isUnchanged: true,
        },
        { position: 4, kind: 'not-replayable', reason: 'truncated' },
      ],
    });
    await finishReplay(ledger(), { ...runner, failure: 'Given up' });
    const states = await Promise.all([1, 2, 3, 4, 5].map(stateOf));
    expect(states).toEqual([
      'replayed',
      'refused-again',
      'none',
      'none',
      'none',
    ]);
    await expect(
      listReplays(ledger(), { eventType, limit: 1 }),
    ).resolves.toMatchObject([
      {
        state: 'failed',
        message: 'Given up',
        counts: {
          selected: 5,
          waiting: 0,
          sent: 3,
          accepted: 1,
          refused: 2,
          notReplayable: 1,
          notSent: 1,
          landed: 0,
        },
      },
    ]);
  });

  it('are proven when every accepted event was found in a sealed partition', async () => {
    await provision(ledger(), { [eventType]: 'normal' });
    await record(refused(1), refused(2));
    const { replayId } = await create();
    const runner = await begin(replayId);
    await markReplayEventsSending(ledger(), {
      ...runner,
      events: [toSend(1), toSend(2)],
    });
    await recordReplayOutcomes(ledger(), {
      ...runner,
      outcomes: [1, 2].map(position => ({ position, kind: 'accepted' })),
    });
    await finishReplay(ledger(), runner);

    const seal = async (n: number, contents: number[]) => {
      const bucket = bucketAt(n);
      await recordStagedBatches(ledger(), {
        batches: [stagedBatch({ bucket, events: contents.length })],
        now: minutes(n + 1, NOON),
      });
      await sealBucket(ledger(), {
        bucket,
        landings: contents.map(content => ({
          eventKey: uuid(n),
          contentHash: uuid(content),
          bucketStart: bucket.start.toISOString(),
        })),
      });
    };
    await seal(1, [100]);
    await expect(proveReplays(ledger(), { limit: 10 })).resolves.toBe(0);
    await expect(
      listReplayEvents(ledger(), { replayId, landed: true, limit: 10 }),
    ).resolves.toMatchObject([
      {
        position: 1,
        copies: 1,
        partition: { bucketStart: bucketAt(1).start, revision: 1 },
      },
    ]);
    // The other one lies there with two contents: said, not hidden.
    await seal(2, [100, 101]);
    await expect(proveReplays(ledger(), { limit: 10 })).resolves.toBe(1);
    await expect(
      listReplays(ledger(), { eventType, limit: 1 }),
    ).resolves.toMatchObject([
      { state: 'proven', counts: { accepted: 2, landed: 2, duplicates: 1 } },
    ]);
  });

  it('have their events looked for under the keys that were noted before sending', async () => {
    await provision(ledger(), { [eventType]: 'normal' });
    await record(refused(1), refused(2), refused(3));
    const { replayId } = await create();
    const runner = await begin(replayId);
    const keys = () => listReplayedEventKeys(ledger(), { eventType });
    await markReplayEventsSending(ledger(), {
      ...runner,
      events: [toSend(1), toSend(2)],
    });
    expect((await keys()).sort()).toEqual([uuid(1), uuid(2)]);
    await recordReplayOutcomes(ledger(), {
      ...runner,
      outcomes: [
        { position: 1, kind: 'accepted' },
        {
          position: 2,
          kind: 'refused',
          reason: 'wrong_type',
          message: 'm',
          isUnchanged: false,
        },
      ],
    });
    await expect(keys()).resolves.toEqual([uuid(1)]);
    await expect(
      listReplayedEventKeys(ledger(), { eventType: 'page.left' }),
    ).resolves.toEqual([]);
    await ledger()('replays').update({
      requested_at: ledger().raw(`now() - interval '32 days'`),
    });
    await expect(keys()).resolves.toEqual([]);
  });

  it('are proven by where the same event was before, and by ids that an earlier release left in the ledger', async () => {
    await provision(ledger(), { [eventType]: 'normal' });
    await record(refused(1), refused(2));
    const { replayId } = await create();
    const runner = await begin(replayId);
    await markReplayEventsSending(ledger(), {
      ...runner,
      events: [toSend(1), toSend(2)],
    });
    await recordReplayOutcomes(ledger(), {
      ...runner,
      outcomes: [1, 2].map(position => ({ position, kind: 'accepted' })),
    });
    await finishReplay(ledger(), runner);

    // Removed as a duplicate of what the first bucket holds already.
    await sealBucket(ledger(), { bucket: bucketAt(1) });
    await sealBucket(ledger(), {
      bucket: bucketAt(2),
      landings: [
        {
          eventKey: uuid(1),
          contentHash: uuid(100),
          bucketStart: bucketAt(1).start.toISOString(),
        },
      ],
    });
    const sealedAt = minutes(9);
    await sealBucket(ledger(), { bucket: bucketAt(3), sealedAt });
    await insertOldEventIds(ledger(), [
      { eventKey: uuid(2), contentHash: uuid(100), sealedAt },
    ]);

    await expect(proveReplays(ledger(), { limit: 10 })).resolves.toBe(1);
    await expect(
      listReplayEvents(ledger(), { replayId, landed: true, limit: 10 }),
    ).resolves.toMatchObject([
      { copies: 1, partition: { bucketStart: bucketAt(1).start } },
      { copies: 1, partition: { bucketStart: bucketAt(3).start } },
    ]);
  });

  it('count an event that was refused at sealing as refused again', async () => {
    await record(refused(1));
    const { replayId } = await create();
    const runner = await begin(replayId);
    const { rows } = await ledger().raw(
      `SELECT md5('/web' || chr(10) || 'id-1')::uuid::text AS key`,
    );
    await markReplayEventsSending(ledger(), {
      ...runner,
      events: [{ ...toSend(1), eventKey: rows[0].key }],
    });
    await recordReplayOutcomes(ledger(), {
      ...runner,
      outcomes: [{ position: 1, kind: 'accepted' }],
    });
    await finishReplay(ledger(), runner);
    await provision(ledger(), { [eventType]: 'normal' });
    await recordStagedBatches(ledger(), {
      batches: [stagedBatch({ events: 1 })],
      now: minutes(1),
    });
    await sealBucket(ledger(), { bucket: bucketAt(0) });
    const { partition_id: partitionId } = await ledger()('partitions').first();
    await record(refused(9, { eventId: 'id-1', reason: 'cast_failed' }));
    await ledger()('refused_events')
      .where({ refusal_id: uuid(9) })
      .update({ stage: 'sealing', partition_id: partitionId });

    await proveReplays(ledger(), { limit: 10 });
    await expect(
      listReplayEvents(ledger(), { replayId, limit: 10 }),
    ).resolves.toMatchObject([
      {
        state: 'refused',
        refusalReason: 'cast_failed',
        newRefusalId: uuid(9),
      },
    ]);
    await expect(stateOf(1)).resolves.toBe('refused-again');
  });
});

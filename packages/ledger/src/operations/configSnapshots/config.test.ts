import { findTopicsInUse, publishConfigSnapshot, readConfigSnapshot } from '..';
import { useLedger } from '../../__testUtils__/ledger';
import { SnapshotEventType } from '../../types';

jest.setTimeout(60_000);

function eventType(name: string, schema: unknown = {}): SnapshotEventType {
  return {
    name,
    tier: 'normal',
    version: 1,
    schema,
    topic: `event.${name}`,
    subscription: `event.${name}.delivery`,
    refusedTopic: `refused.${name}`,
    refusedSubscription: `refused.${name}.delivery`,
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}

describe('config snapshots', () => {
  const ledger = useLedger();
  const key = {
    keyId: 'k',
    secretHash: 'h',
    kind: 'server' as const,
    eventTypes: ['bbb', 'aaa'],
  };
  const publish = (eventTypes: SnapshotEventType[], bucketSeconds = 60) =>
    publishConfigSnapshot(ledger(), {
      bucketSeconds,
      eventTypes,
      writeKeys: [key],
    });

  it('has none at first', async () => {
    await expect(readConfigSnapshot(ledger())).resolves.toBeUndefined();
  });

  it('is a new generation only when the content differs, in whatever order it is written', async () => {
    await expect(
      publish([
        eventType('aaa', { a: 1, b: [{ c: 1, d: 2 }] }),
        eventType('bbb'),
      ]),
    ).resolves.toEqual({ generation: 1, changed: true });
    await expect(
      publish([
        eventType('bbb'),
        eventType('aaa', { b: [{ d: 2, c: 1 }], a: 1 }),
      ]),
    ).resolves.toEqual({ generation: 1, changed: false });
    await expect(publish([eventType('aaa')])).resolves.toEqual({
      generation: 2,
      changed: true,
    });
    await expect(publish([eventType('aaa')], 3600)).resolves.toEqual({
      generation: 3,
      changed: true,
    });
  });

  it('is the same whether schemas are frozen or not, and sees a change in one that is frozen only outside', async () => {
    const schema = { b: [{ d: 2, c: null }], a: { text: 'é"' } };
    await publish([eventType('aaa', schema)]);
    const frozen = deepFreeze(structuredClone(schema));
    for (let round = 0; round < 2; round++) {
      await expect(publish([eventType('aaa', frozen)])).resolves.toEqual({
        generation: 1,
        changed: false,
      });
    }
    const outside = Object.freeze(structuredClone(schema));
    await publish([eventType('aaa', outside)]);
    outside.a.text = 'another';
    await expect(publish([eventType('aaa', outside)])).resolves.toEqual({
      generation: 2,
      changed: true,
    });
  });

  it('tells which topics the newest of them names', async () => {
    const topics = ['event.aaa', 'refused.aaa', 'event.bbb', 'event.gone'];
    expect(await findTopicsInUse(ledger(), { topics })).toEqual(new Set());
    await publish([eventType('gone')]);
    await publish([
      eventType('aaa'),
      { ...eventType('bbb'), refusedTopic: 'refused-events' },
    ]);
    expect(await findTopicsInUse(ledger(), { topics })).toEqual(
      new Set(['event.aaa', 'refused.aaa', 'event.bbb']),
    );
    expect(await findTopicsInUse(ledger(), { topics: [] })).toEqual(new Set());
  });

  it('numbers generations without gaps under concurrent publishers', async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, i) => publish([eventType(`type-${i}`)])),
    );
    expect(results.map(result => result.generation).sort()).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ]);
  });

  it('gives the newest, and nothing to a reader that has it', async () => {
    await publish([eventType('aaa')]);
    await publish([eventType('aaa'), eventType('bbb')]);
    await expect(
      readConfigSnapshot(ledger(), { newerThan: 1 }),
    ).resolves.toEqual({
      generation: 2,
      lineage: expect.stringMatching(/^[0-9a-f-]{36}$/),
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      integrity: {
        contentHash: expect.stringMatching(/^[0-9a-f]{64}$/),
        eventTypeCount: 2,
        writeKeyCount: 1,
      },
      bucketSeconds: 60,
      eventTypes: [eventType('aaa'), eventType('bbb')],
      writeKeys: [{ ...key, eventTypes: ['aaa', 'bbb'] }],
    });
    await expect(
      readConfigSnapshot(ledger(), { newerThan: 2 }),
    ).resolves.toBeUndefined();
  });

  it('keeps the time a type was first provisioned, and remembers its removal', async () => {
    await publish([eventType('aaa')]);
    const [before] = await ledger()('event_types');
    await publish([]);
    const [removed] = await ledger()('event_types');
    expect(removed.removed_at).toEqual(expect.any(Date));
    await publish([eventType('aaa')]);
    const [back] = await ledger()('event_types');
    expect(back).toMatchObject({
      removed_at: null,
      provisioned_at: before.provisioned_at,
    });
    expect(back.closed_through.getTime()).toBeGreaterThanOrEqual(
      removed.removed_at.getTime(),
    );
  });
});

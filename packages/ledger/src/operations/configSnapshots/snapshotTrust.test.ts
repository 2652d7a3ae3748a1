import * as fc from 'fast-check';
import {
  beginRestoredLineage,
  checkSnapshot,
  compareConfigSnapshot,
  createWriteKey,
  heartbeatGateway,
  publishConfigSnapshot,
  readConfigSnapshot,
  revokeWriteKey,
} from '..';
import { useLedger } from '../../__testUtils__/ledger';
import { ConfigSnapshot, SnapshotEventType } from '../../types';

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

function problemOf(snapshot: ConfigSnapshot): string | undefined {
  const check = checkSnapshot(snapshot);
  for (;;) {
    const step = check.next();
    if (step.done) {
      return step.value;
    }
  }
}

describe('what a reader may trust', () => {
  const ledger = useLedger();

  const publish = (...names: string[]) =>
    publishConfigSnapshot(ledger(), {
      bucketSeconds: 60,
      eventTypes: names.map(name => eventType(name)),
    });
  const newest = async () => (await readConfigSnapshot(ledger()))!;
  const createKey = () =>
    createWriteKey(ledger(), { name: 'k', createdBy: 'user:default/owner' });

  /** The ledger as it was when it had only the generations up to this one. */
  const restoreTo = (generation: number) =>
    ledger()('config_snapshots').where('generation', '>', generation).delete();

  it('is whole and as published, whatever JSON the schemas hold', async () => {
    let generation = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue().filter(
          // What Postgres cannot hold in jsonb is never published.
          value => !JSON.stringify(value).includes('\\u'),
        ),
        async schema => {
          const result = await publishConfigSnapshot(ledger(), {
            bucketSeconds: 60,
            eventTypes: [eventType('aaa', { schema })],
          });
          generation = result.generation;
          expect(problemOf(await newest())).toBeUndefined();
        },
      ),
      { numRuns: 60 },
    );
    expect(generation).toBeGreaterThan(10);
  });

  it('tells a snapshot that lost or changed something', async () => {
    await createKey();
    await publish('aaa', 'bbb');
    const whole = await newest();
    const [first, second] = whole.eventTypes;
    expect(problemOf(whole)).toBeUndefined();
    expect(problemOf({ ...whole, eventTypes: [first] })).toMatch('1 event');
    expect(problemOf({ ...whole, writeKeys: [] })).toMatch('0 write keys');
    expect(
      problemOf({
        ...whole,
        eventTypes: [first, { ...second, schema: { a: 1 } }],
      }),
    ).toMatch('checksum');
    expect(
      problemOf({
        ...whole,
        writeKeys: whole.writeKeys.map(key => ({ ...key, producer: 'other' })),
      }),
    ).toMatch('checksum');
    expect(problemOf({ ...whole, integrity: undefined })).toMatch('no check');
  });

  it('is compared with what a gateway runs', async () => {
    await expect(compareConfigSnapshot(ledger(), undefined)).resolves.toBe(
      'none',
    );
    await publish('aaa');
    const first = await newest();
    await expect(compareConfigSnapshot(ledger(), undefined)).resolves.toBe(
      'outdated',
    );
    await expect(compareConfigSnapshot(ledger(), first)).resolves.toBe(
      'current',
    );
    await publish('aaa', 'bbb');
    await expect(compareConfigSnapshot(ledger(), first)).resolves.toBe(
      'outdated',
    );
  });

  it('takes up again with a restored ledger only once somebody says so', async () => {
    await publish('aaa');
    await publish('aaa', 'bbb');
    await publish('aaa', 'bbb', 'ccc');
    const lost = await newest();
    await heartbeatGateway(ledger(), {
      gateway: 'g',
      epoch: 'e',
      startedAt: new Date(),
      url: 'http://localhost',
      pid: 1,
      leaseMs: 60_000,
      generation: lost.generation,
    });
    await restoreTo(1);
    await expect(compareConfigSnapshot(ledger(), lost)).resolves.toBe(
      'unknown',
    );

    // The restored ledger goes on counting, past the number that is run.
    await publish('aaa', 'ddd');
    await publish('aaa', 'ddd', 'eee');
    await publish('aaa', 'ddd', 'eee', 'fff');
    expect((await newest()).generation).toBeGreaterThan(lost.generation);
    await expect(compareConfigSnapshot(ledger(), lost)).resolves.toBe(
      'unknown',
    );

    await beginRestoredLineage(ledger());
    await expect(compareConfigSnapshot(ledger(), lost)).resolves.toBe(
      'outdated',
    );
    const adopted = await newest();
    expect(adopted.lineage).not.toBe(lost.lineage);
    expect(adopted.eventTypes.map(({ name }) => name)).toEqual([
      'aaa',
      'ddd',
      'eee',
      'fff',
    ]);
    await expect(compareConfigSnapshot(ledger(), adopted)).resolves.toBe(
      'current',
    );
    await expect(publish('aaa', 'ddd', 'eee', 'fff')).resolves.toEqual({
      generation: adopted.generation,
      changed: false,
    });
  });

  it('begins a lineage above every number that a gateway has reported', async () => {
    await publish('aaa');
    await heartbeatGateway(ledger(), {
      gateway: 'g',
      epoch: 'e',
      startedAt: new Date(),
      url: 'http://localhost',
      pid: 1,
      leaseMs: 60_000,
      generation: 45,
    });
    await beginRestoredLineage(ledger());
    expect((await newest()).generation).toBe(46);
    await beginRestoredLineage(ledger());
    expect((await newest()).generation).toBe(47);
  });

  it('never has a revoked key again, however publishers and a revocation meet', async () => {
    await publish('aaa');
    for (let round = 0; round < 5; round++) {
      const { keyId } = await createKey();
      expect((await newest()).writeKeys).toHaveLength(1);
      await Promise.all([
        publish('aaa', `x${round}`),
        publish('aaa', `y${round}`),
        revokeWriteKey(ledger(), { keyId }),
        publish('aaa', `z${round}`),
        publish('aaa', `w${round}`),
      ]);
      expect((await newest()).writeKeys).toEqual([]);
    }
  });

  it('does not have its damage made good by a change of a key', async () => {
    await publish('aaa', 'bbb');
    const { keyId } = await createKey();
    const { generation } = await newest();
    await ledger().raw(
      `UPDATE config_snapshots SET content = content #- '{eventTypes,1}'
       WHERE generation = :generation`,
      { generation },
    );
    expect((await newest()).eventTypes).toHaveLength(1);
    await revokeWriteKey(ledger(), { keyId });
    const mended = await newest();
    expect(problemOf(mended)).toBeUndefined();
    expect(mended).toMatchObject({
      generation: generation + 1,
      eventTypes: [{ name: 'aaa' }, { name: 'bbb' }],
      writeKeys: [],
    });
  });

  it('changes with every change of a key, without a publisher', async () => {
    await publish('aaa');
    const { keyId } = await createKey();
    expect(await newest()).toMatchObject({
      generation: 2,
      eventTypes: [{ name: 'aaa' }],
      writeKeys: [{ keyId }],
    });
    await revokeWriteKey(ledger(), { keyId });
    expect(await newest()).toMatchObject({ generation: 3, writeKeys: [] });
    await revokeWriteKey(ledger(), { keyId });
    expect((await newest()).generation).toBe(3);
  });
});

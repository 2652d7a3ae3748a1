import {
  createWriteKey,
  listSnapshotWriteKeys,
  listWriteKeys,
  pruneWriteKeyUses,
  recordWriteKeyUses,
  revokeWriteKey,
  rotateWriteKey,
  setWriteKeyExpiry,
} from '..';
import { useLedger } from '../../__testUtils__/ledger';

jest.setTimeout(60_000);

const OWNER = 'group:default/web';
const HOUR_MS = 60 * 60_000;

describe('the keys of a producer', () => {
  const ledger = useLedger();

  const create = (options: { producer?: string; owner?: string } = {}) =>
    createWriteKey(ledger(), {
      name: 'web',
      producer: 'shop-web',
      owner: OWNER,
      kind: 'browser',
      eventTypes: ['page.viewed'],
      eventsPerSecond: 100,
      createdBy: 'user:default/owner',
      ...options,
    });
  const rotate = (keyId: string, graceMs?: number) =>
    rotateWriteKey(ledger(), {
      keyId,
      graceMs,
      createdBy: 'user:default/other',
    });
  const get = async (keyId: string) =>
    (await listWriteKeys(ledger(), { keyId }))[0];
  const expire = (keyId: string) =>
    ledger()('write_keys')
      .where({ key_id: keyId })
      .update({ expires_at: ledger().raw(`now() - interval '1 second'`) });

  it('are two while one takes over from the other', async () => {
    const old = await create();
    const before = Date.now();
    const successor = (await rotate(old.keyId, 24 * HOUR_MS))!;

    expect(successor.writeKey).not.toBe(old.writeKey);
    expect(await get(successor.keyId)).toMatchObject({
      producer: 'shop-web',
      owner: OWNER,
      kind: 'browser',
      eventTypes: ['page.viewed'],
      eventsPerSecond: 100,
      createdBy: 'user:default/other',
      state: 'live',
      replaces: old.keyId,
      expiresAt: undefined,
    });
    const { expiresAt, state } = await get(old.keyId);
    expect(state).toBe('live');
    expect(Number(expiresAt) - before).toBeGreaterThan(23.9 * HOUR_MS);
    expect(Number(expiresAt) - before).toBeLessThan(24.1 * HOUR_MS);
    expect(await listSnapshotWriteKeys(ledger())).toHaveLength(2);
  });

  it('are never three, until one is revoked or has expired', async () => {
    const first = await create();
    const second = (await rotate(first.keyId))!;
    await expect(create()).rejects.toMatchObject({
      code: 'too_many_live_keys',
      message: expect.stringContaining(first.keyId),
    });
    await expect(rotate(second.keyId)).rejects.toMatchObject({
      code: 'too_many_live_keys',
    });

    await revokeWriteKey(ledger(), first);
    const third = (await rotate(second.keyId))!;
    await expire(second.keyId);
    await expect(rotate(third.keyId)).resolves.toBeDefined();
  });

  it('are counted by producer and owner', async () => {
    await create();
    await create();
    await expect(create({ owner: 'group:default/x' })).resolves.toBeDefined();
    await expect(create({ producer: 'other' })).resolves.toBeDefined();
  });

  it('are two at most when many ask at once', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, () => create()),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(
      2,
    );
  });

  it('end for good when they are revoked or expire', async () => {
    const revoked = await create();
    await revokeWriteKey(ledger(), revoked);
    const expired = await create();
    await expire(expired.keyId);
    expect((await get(expired.keyId)).state).toBe('expired');

    for (const { keyId } of [revoked, expired]) {
      await expect(rotate(keyId)).rejects.toMatchObject({
        code: 'write_key_not_live',
      });
      await expect(
        setWriteKeyExpiry(ledger(), { keyId }),
      ).rejects.toMatchObject({ code: 'write_key_not_live' });
    }
    await expect(rotate('nosuchkey0')).resolves.toBeUndefined();
    await expect(
      setWriteKeyExpiry(ledger(), { keyId: 'nosuchkey0' }),
    ).resolves.toBe(false);
  });

  it('keep an earlier expiry when they are rotated', async () => {
    const { keyId } = await create();
    const expiresAt = new Date(Date.now() + HOUR_MS);
    await setWriteKeyExpiry(ledger(), { keyId, expiresAt });
    await rotate(keyId, 24 * HOUR_MS);
    expect((await get(keyId)).expiresAt).toEqual(expiresAt);
    await setWriteKeyExpiry(ledger(), { keyId });
    expect((await get(keyId)).expiresAt).toBeUndefined();
  });

  it('stay in the snapshot for a week after they expired, so that gateways can say so', async () => {
    const { keyId } = await create();
    await expire(keyId);
    expect(await listSnapshotWriteKeys(ledger())).toMatchObject([
      { keyId, expiresAt: expect.any(String) },
    ]);
    await ledger()('write_keys').update({
      expires_at: ledger().raw(`now() - interval '8 days'`),
    });
    expect(await listSnapshotWriteKeys(ledger())).toEqual([]);
  });

  it('cannot be public and for all event types, not even past this code', async () => {
    await expect(
      createWriteKey(ledger(), {
        name: 'x',
        kind: 'browser',
        createdBy: 'user:default/owner',
      }),
    ).rejects.toThrow('write_keys_public_ones_are_scoped');
  });
});

describe('the use of write keys', () => {
  const ledger = useLedger();
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

  const report = (
    keyId: string,
    options: {
      gateway?: string;
      epoch?: string;
      requests: number;
      second: number;
    },
  ) =>
    recordWriteKeyUses(ledger(), {
      gateway: options.gateway ?? 'g1',
      epoch: options.epoch ?? 'epoch-1',
      uses: [
        {
          keyId,
          requests: options.requests,
          events: options.requests * 10,
          refusedRequests: 1,
          lastUsedAt: at(options.second),
        },
      ],
    });

  it('is counted once, whatever is repeated, late or out of order', async () => {
    const { keyId } = await createWriteKey(ledger(), {
      name: 'k',
      createdBy: 'user:default/owner',
    });
    await report(keyId, { requests: 5, second: 10 });
    await report(keyId, { requests: 5, second: 10 });
    await report(keyId, { requests: 3, second: 5 });
    await report(keyId, { requests: 7, second: 12 });
    await report(keyId, { requests: 2, second: 20, epoch: 'epoch-2' });
    await report(keyId, { requests: 9, second: 13, epoch: 'epoch-1' });
    await report(keyId, { requests: 1, second: 15, gateway: 'g2' });
    await report('nosuchkey0', { requests: 1, second: 1 });

    const [{ uses }] = await listWriteKeys(ledger());
    expect(uses).toEqual([
      {
        gateway: 'g1',
        requests: 9,
        events: 90,
        refusedRequests: 2,
        lastUsedAt: at(20),
      },
      {
        gateway: 'g2',
        requests: 1,
        events: 10,
        refusedRequests: 1,
        lastUsedAt: at(15),
      },
    ]);
  });

  it('is forgotten for gateways that are gone, but not when it was last', async () => {
    const { keyId } = await createWriteKey(ledger(), {
      name: 'k',
      createdBy: 'user:default/owner',
    });
    await report(keyId, { requests: 1, second: 1, gateway: 'g1' });
    await report(keyId, { requests: 1, second: 2, gateway: 'g2' });
    await report(keyId, { requests: 1, second: 2, gateway: 'g3' });
    await expect(pruneWriteKeyUses(ledger(), { before: at(30) })).resolves.toBe(
      2,
    );
    const [{ uses }] = await listWriteKeys(ledger());
    expect(uses).toMatchObject([{ gateway: 'g3', lastUsedAt: at(2) }]);
  });
});

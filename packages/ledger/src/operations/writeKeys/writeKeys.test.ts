import {
  createWriteKey,
  hashWriteKeySecret,
  isWriteKeySecret,
  listSnapshotWriteKeys,
  listWriteKeys,
  parseWriteKey,
  revokeWriteKey,
} from '..';
import { useLedger } from '../../__testUtils__/ledger';

jest.setTimeout(60_000);

describe('write keys', () => {
  const ledger = useLedger();
  const create = (eventTypes?: string[]) =>
    createWriteKey(ledger(), {
      name: 'web',
      eventTypes,
      createdBy: 'user:default/owner',
    });

  it('are shown once and stored as a hash that verifies them', async () => {
    const { keyId, writeKey } = await create(['page.viewed']);
    const parsed = parseWriteKey(writeKey);
    expect(parsed?.keyId).toBe(keyId);

    const [stored] = await listSnapshotWriteKeys(ledger());
    expect(stored).toEqual({
      keyId,
      secretHash: hashWriteKeySecret(parsed!.secret),
      kind: 'server',
      eventTypes: ['page.viewed'],
    });
    expect(isWriteKeySecret(parsed!.secret, stored.secretHash)).toBe(true);
    expect(isWriteKeySecret('x'.repeat(32), stored.secretHash)).toBe(false);
    expect(JSON.stringify(await ledger()('write_keys'))).not.toContain(
      parsed!.secret,
    );
  });

  it('are told from mistyped text without asking anyone', async () => {
    const { writeKey } = await create();
    expect(writeKey).toMatch(
      /^mr_[0-9a-z]{10}_[0-9a-zA-Z]{32}_[0-9a-zA-Z]{4}$/,
    );
    for (let i = 0; i < writeKey.length; i++) {
      const other = writeKey[i] === 'a' ? 'b' : 'a';
      const typo = writeKey.slice(0, i) + other + writeKey.slice(i + 1);
      expect(parseWriteKey(typo)).toBeUndefined();
    }
    expect(parseWriteKey(`${writeKey}\n`)).toBeUndefined();
  });

  it('leave the snapshot when revoked and stay in the list', async () => {
    const { keyId } = await create();
    await expect(revokeWriteKey(ledger(), { keyId })).resolves.toBe(true);
    const [{ revokedAt }] = await listWriteKeys(ledger());
    expect(revokedAt).toEqual(expect.any(Date));
    await revokeWriteKey(ledger(), { keyId });
    await expect(listWriteKeys(ledger())).resolves.toMatchObject([
      { keyId, name: 'web', state: 'revoked', revokedAt },
    ]);
    await expect(listSnapshotWriteKeys(ledger())).resolves.toEqual([]);
    await expect(
      revokeWriteKey(ledger(), { keyId: 'nosuchkey0' }),
    ).resolves.toBe(false);
  });
});

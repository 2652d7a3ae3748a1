import { claimLease, releaseLease, renewLease } from '..';
import { useLedger } from '../../__testUtils__/ledger';

jest.setTimeout(60_000);

describe('leases', () => {
  const ledger = useLedger();
  const resource = 'seal:page.viewed';

  const claim = (holder: string, leaseMs = 60_000) =>
    claimLease(ledger(), { resource, holder, leaseMs });

  it('gives a resource to one of many claimants', async () => {
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, i) => claim(`worker-${i}`)),
    );
    expect(claims.filter(Boolean)).toEqual([{ fencingToken: 1n }]);
  });

  it('raises the fencing token with each holder, also across releases', async () => {
    await expect(claim('a')).resolves.toEqual({ fencingToken: 1n });
    await expect(claim('b')).resolves.toBeUndefined();
    await releaseLease(ledger(), { resource, fencingToken: 1n });
    await expect(claim('b')).resolves.toEqual({ fencingToken: 2n });
  });

  it('lets another holder in when a lease has run out', async () => {
    await claim('a', -1);
    await expect(claim('b')).resolves.toEqual({ fencingToken: 2n });
  });

  it('lets a restarted holder take over from its dead self at once', async () => {
    await claim('a');
    await expect(claim('a')).resolves.toEqual({ fencingToken: 2n });
    await expect(
      renewLease(ledger(), { resource, fencingToken: 1n, leaseMs: 60_000 }),
    ).resolves.toBe(false);
  });

  it('renews and releases only under the newest token', async () => {
    await claim('a', -1);
    await claim('b');
    await releaseLease(ledger(), { resource, fencingToken: 1n });
    await expect(claim('c')).resolves.toBeUndefined();
    await expect(
      renewLease(ledger(), { resource, fencingToken: 2n, leaseMs: -1 }),
    ).resolves.toBe(true);
    await expect(claim('c')).resolves.toEqual({ fencingToken: 3n });
  });

  it('counts as taken, without waiting, while a holder is in a transaction', async () => {
    await claim('a', -1);
    await ledger().transaction(async tx => {
      await tx.raw('SELECT 1 FROM leases WHERE resource = ? FOR SHARE', [
        resource,
      ]);
      await expect(claim('b')).resolves.toBeUndefined();
    });
    await expect(claim('b')).resolves.toEqual({ fencingToken: 2n });
  });
});

import path from 'node:path';
import { readManifest } from '@millrace/lake';
import {
  audit,
  codesOf,
  flipByte,
  nextCycle,
  seal,
  unresolved,
} from '../auditor/__testUtils__/sealedLake';
import { verifyLake } from '../auditor/verifyLake';
import { useWorkshop, Workshop } from '../sealer/__testUtils__/workshop';
import { make, TYPE } from './__testUtils__/operations';

jest.setTimeout(120_000);

const workshop = useWorkshop();

async function verify(shop: Workshop, withLedger: boolean) {
  const { findings, revisions } = await verifyLake({
    root: path.join(shop.folder, 'lake'),
    ledger: withLedger ? shop.db : undefined,
    tempDirectory: path.join(shop.folder, 'verify'),
  });
  return { codes: findings.map(({ code }) => code), revisions };
}

async function partOf(shop: Workshop, n: number, revision: number) {
  const folder = shop.pathOf(n, TYPE, revision);
  const manifest = await readManifest(shop.store, folder);
  return path.join(shop.folder, 'lake', folder, manifest!.files[0].name);
}

describe('an auditor', () => {
  it('has nothing to complain about after a revision, of either', async () => {
    const shop = workshop();
    await seal(shop, 3);
    await audit(shop);
    await make(shop, 'redeliver', [0, 1]);
    await audit(shop);
    expect(await codesOf(shop)).toEqual([]);
    nextCycle(shop);
    await audit(shop);
    expect(await codesOf(shop)).toEqual([]);
    const audits = await shop.db('partition_audits').pluck('audits');
    expect(audits).toHaveLength(5);
    expect(await verify(shop, true)).toEqual({ codes: [], revisions: 5 });
    expect(await verify(shop, false)).toEqual({ codes: [], revisions: 5 });
  });

  it.each([1, 2])('finds a flipped byte in revision %d', async revision => {
    const shop = workshop();
    await seal(shop, 2);
    await make(shop, 'redeliver', [0]);
    await audit(shop);
    await flipByte(await partOf(shop, 0, revision), 200);
    nextCycle(shop);
    await audit(shop);
    expect(await unresolved(shop)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: 'file_hash_differs', revision }),
      ]),
    );
    expect((await verify(shop, true)).codes).toContain('file_hash_differs');
  });

  it('finds lost files mended by a revision that it can read', async () => {
    const shop = workshop();
    await seal(shop, 2);
    await flipByte(await partOf(shop, 0, 1), 200);
    await make(shop, 'redeliver', [0]);
    await audit(shop);
    const found = await unresolved(shop);
    expect(found.length).toBeGreaterThan(0);
    expect(found.map(({ revision }) => revision)).toEqual(found.map(() => 1));
  });
});

import { GcsLakeStore, readManifest, readRows } from '@millrace/lake';
// The server of the store's own tests, which is no part of the package.
// eslint-disable-next-line @backstage/no-forbidden-package-imports
import {
  GcsFault,
  GcsServer,
  startGcsServer,
} from '@millrace/lake/src/__testUtils__/gcsServer';
import { SIMPLE_SCHEMA } from './__testUtils__/schemas';
import { bucketAt, event, useWorkshop } from './__testUtils__/workshop';

jest.setTimeout(60_000);

describe('sealing into Cloud Storage', () => {
  const workshop = useWorkshop();
  let gcs: GcsServer;
  let store: GcsLakeStore;
  beforeEach(async () => {
    gcs = await startGcsServer();
    store = new GcsLakeStore({
      bucket: 'lake',
      apiEndpoint: gcs.url,
      retries: { attempts: 3, baseMs: 1, maxMs: 2 },
    });
    const shop = workshop();
    await shop.provision({ 'shop.order': { schema: SIMPLE_SCHEMA } });
    await shop.gateway('g', bucketAt(30).start);
    await shop.stage({ events: [1, 2, 3].map(n => event(`id-${n}`, { n })) });
    await shop.declare(bucketAt(0), { 'shop.order': 1 });
  });
  afterEach(() => gcs.close());

  it.each<GcsFault[][]>([
    [[]],
    [['cut-after']],
    [['unavailable', 'cut-after', 'corrupt']],
    [Array<GcsFault>(3).fill('unavailable')],
    [['cut-after', 'unavailable', 'unavailable']],
  ])('makes one whole partition through %j', async faults => {
    const shop = workshop();
    gcs.fail('put', ...faults);
    const sealer = shop.sealer({ store });
    let sealed = 0;
    for (let run = 0; run < 5 && sealed === 0; run += 1) {
      ({ sealed } = await sealer.runOnce());
      shop.now = new Date(shop.now.getTime() + 60 * 60_000);
    }
    expect(sealed).toBe(1);
    expect(gcs.pendingFaults()).toBe(0);
    const manifest = await readManifest(store, shop.pathOf(0));
    expect(manifest?.counts).toMatchObject({ accepted: 3, delivered: 3 });
    const { rows, columns } = await readRows(store, {
      path: shop.pathOf(0),
      limit: 10,
    });
    const at = columns.findIndex(({ name }) => name === 'n');
    expect(rows.map(row => row[at])).toEqual([1, 2, 3]);
    // The part, its ids and the manifest, and nothing beside them.
    expect(await store.list('shop.order')).toHaveLength(3);
  });
});

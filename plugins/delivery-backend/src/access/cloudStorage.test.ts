import { createHash } from 'node:crypto';
import { TestDatabases } from '@backstage/backend-test-utils';
// The server of the store's own tests, which is no part of the package.
// eslint-disable-next-line @backstage/no-forbidden-package-imports
import {
  type GcsServer,
  startGcsServer,
} from '@millrace/lake/src/__testUtils__/gcsServer';
import { bucketOf } from '@millrace/schema';
import { eventType } from '../__testUtils__/eventType';
import { sealPartition } from '../__testUtils__/sealPartition';
import {
  type RunningDelivery,
  startDelivery,
} from '../__testUtils__/startDelivery';

jest.setTimeout(60_000);

const PUSH = 'github.push';
const BUCKET = bucketOf(new Date(Date.now() - 5 * 60_000), 60);

describe('the portal with a lake in Cloud Storage', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let gcs: GcsServer;
  let delivery: RunningDelivery;

  beforeAll(async () => {
    gcs = await startGcsServer();
    // As a deployment is pointed at an emulator: read by Google's client.
    process.env.STORAGE_EMULATOR_HOST = gcs.url;
    delivery = await startDelivery({
      databases,
      eventTypes: [eventType(PUSH)],
      lakeRoot: 'gs://lake/events',
    });
    await sealPartition(delivery.ledger, delivery.lakeRoot, {
      eventType: PUSH,
      bucket: BUCKET,
      delivered: 120,
      latenessMs: 1,
    });
  });
  afterAll(async () => {
    delete process.env.STORAGE_EMULATOR_HOST;
    await delivery.stop();
    await gcs.close();
  });

  const start = BUCKET.start.toISOString();
  const get = (url: string) => delivery.api('get', url);

  it('pages through rows, and fetches the file once', async () => {
    const before = gcs.calls.get;
    for (const offset of [0, 50, 100]) {
      const { body, status } = await get(
        `/event-types/${PUSH}/partitions/${start}/rows?offset=${offset}`,
      );
      expect(status).toBe(200);
      expect(body.rows[0][0]).toBe(`id-${offset + 1}`);
      expect(body.total).toBe(120);
    }
    // The manifest at each page, the file at the first.
    expect(gcs.calls.get - before).toBe(4);
  });

  it('gives programs the places of the files, the files, and the signed manifest', async () => {
    const url = `/datasets/${PUSH}/partitions/${start}`;
    const { partition } = (await get(url)).body;
    const [file] = partition.files;
    expect(file.uri).toBe(`gs://lake/events/${file.key}`);
    const bytes = gcs.objects('lake').get(`events/${file.key}`)!;
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256);
    const { headers } = await get(`${url}/files/${file.name}`);
    expect(headers).toMatchObject({
      etag: `"${file.sha256}"`,
      'content-length': String(bytes.length),
    });
    const { payload } = (await get(`${url}/manifest`)).body;
    expect(JSON.parse(String(Buffer.from(payload, 'base64')))).toMatchObject({
      counts: { delivered: 120 },
    });
  });

  it('answers 503 while Cloud Storage is away', async () => {
    gcs.fail('get', ...Array(6).fill('unavailable'));
    const { status } = await get(
      `/datasets/${PUSH}/partitions/${start}/manifest`,
    );
    expect(status).toBe(503);
  });
});

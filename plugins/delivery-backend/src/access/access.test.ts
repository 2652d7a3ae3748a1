import { execFile } from 'node:child_process';
import { createHash, createPublicKey, verify } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import { createDuckdb } from '@millrace/lake';
import type { Bucket } from '@millrace/ledger';
import type {
  DatasetPartitionDetail,
  DatasetPartitionList,
  DatasetPartitionState,
  ManifestKeySet,
  SignedManifest,
} from '@millrace/plugin-delivery-common';
import { bucketOf } from '@millrace/schema';
import request from 'supertest';
import { eventType } from '../__testUtils__/eventType';
import { sealPartition } from '../__testUtils__/sealPartition';
import {
  type RunningDelivery,
  startDelivery,
} from '../__testUtils__/startDelivery';
import { until } from '../__testUtils__/until';
import { revisePartition } from './__testUtils__/revisePartition';

jest.setTimeout(120_000);

const PUSH = 'github.push';
const EXAMPLES = path.resolve(__dirname, '../../../../examples/readers');

describe('datasets for programs', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let delivery: RunningDelivery;
  let origin: string;

  const now = Date.now();
  /** The bucket that ended some minutes ago, or will in an hour. */
  const bucketAgo = (ago: number): Bucket => ({
    start: new Date(
      bucketOf(new Date(now), 60).start.getTime() - (ago + 5) * 60_000,
    ),
    seconds: 60,
  });
  const [oldest, revised, newest] = [bucketAgo(9), bucketAgo(8), bucketAgo(7)];
  const iso = ({ start }: Bucket) => start.toISOString();
  const at = (bucket: Bucket, rest = '') =>
    `/datasets/${PUSH}/partitions/${iso(bucket)}${rest}`;
  const get = (url: string) => delivery.api('get', url);
  const seal = (bucket: Bucket, delivered: number) =>
    sealPartition(delivery.ledger, delivery.lakeRoot, {
      eventType: PUSH,
      bucket,
      delivered,
      latenessMs: 1000,
    });

  beforeAll(async () => {
    delivery = await startDelivery({
      databases,
      eventTypes: [eventType(PUSH)],
    });
    const address = delivery.server.address();
    origin = `http://127.0.0.1:${
      typeof address === 'object' ? address?.port : ''
    }`;
    await seal(oldest, 3);
    await seal(revised, 4);
    await seal(newest, 0);
    await revisePartition(delivery.ledger, delivery.lakeRoot, {
      eventType: PUSH,
      bucket: revised,
      rows: 6,
    });
  });
  afterAll(() => delivery.stop());

  it('lists what is sealed, oldest first, with or without what was replaced, in pages and ranges', async () => {
    const text = ({ items }: DatasetPartitionList) =>
      items.map(
        ({ bucketStart, revision, isCurrent, rows }) =>
          `${bucketStart} r${revision}${isCurrent ? '' : ' old'} ${rows}`,
      );
    const url = `/datasets/${PUSH}/partitions`;
    expect(text((await get(url)).body)).toEqual([
      `${iso(oldest)} r1 3`,
      `${iso(revised)} r2 6`,
      `${iso(newest)} r1 0`,
    ]);
    const seen: string[] = [];
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const { body } = await get(
        `${url}?revisions=all&limit=1${cursor && `&cursor=${cursor}`}`,
      );
      seen.push(...text(body));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual([
      `${iso(oldest)} r1 3`,
      `${iso(revised)} r1 old 4`,
      `${iso(revised)} r2 6`,
      `${iso(newest)} r1 0`,
    ]);
    const range = await get(
      `${url}?from=${iso(revised)}&to=${iso(newest)}&revisions=current`,
    );
    expect(text(range.body)).toEqual([`${iso(revised)} r2 6`]);
  });

  it('tells the files of the current revision, of an earlier one, or that none is sealed', async () => {
    const current: DatasetPartitionState = (await get(at(revised))).body;
    expect(current).toMatchObject({
      isSealed: true,
      partition: {
        revision: 2,
        isCurrent: true,
        rows: 6,
        files: [
          {
            rows: 6,
            key: expect.stringMatching(/^github\.push\/dt=.*\/r0002/),
          },
        ],
      },
    });
    const first = await get(at(revised, '?revision=1'));
    expect(first.body.partition).toMatchObject({
      revision: 1,
      isCurrent: false,
      rows: 4,
    });
    const never = await get(at(bucketAgo(30)));
    expect(never.body).toEqual({
      bucketStart: iso(bucketAgo(30)),
      isSealed: false,
    });
    expect((await get(at(revised, '?revision=3'))).body.isSealed).toBe(false);
  });

  it('lets a reader wait until a bucket is sealed', async () => {
    const bucket = bucketAgo(6);
    const waiting = get(at(bucket, '?wait=55')).then(({ body }) => body);
    await expect(
      Promise.race([waiting, get(at(bucket)).then(() => 'still waiting')]),
    ).resolves.toBe('still waiting');
    await seal(bucket, 2);
    await expect(waiting).resolves.toMatchObject({
      isSealed: true,
      partition: { rows: 2 },
    });
  });

  it('holds a thousand waiting readers without a connection for any of them', async () => {
    const bucket = bucketAgo(5);
    const connections = async (states: string[]) => {
      const { rows } = await delivery.ledger.raw(
        `SELECT count(*)::int AS n FROM pg_stat_activity
         WHERE datname = current_database() AND state = ANY (?)
           AND application_name = 'millrace-ledger' AND pid <> pg_backend_pid()`,
        [states],
      );
      return rows[0].n;
    };
    let answered = 0;
    const readers = Array.from({ length: 1_000 }, async () => {
      const response = await fetch(
        `${origin}/api/delivery${at(bucket, '?wait=55')}`,
        {
          headers: { authorization: mockCredentials.service.header() },
        },
      );
      const state: DatasetPartitionState = await response.json();
      answered += 1;
      return state.isSealed;
    });
    const open = () =>
      new Promise<number>((resolve, reject) => {
        delivery.server.getConnections((error, count) =>
          error ? reject(error) : resolve(count),
        );
      });
    await until(async () => (await open()) >= 1_000, 60_000);
    expect(answered).toBe(0);
    // The pool has ten; the rest of a second nobody uses them.
    const all = ['active', 'idle', 'idle in transaction'];
    expect(await connections(all)).toBeLessThanOrEqual(10);
    await until(async () => (await connections(['active'])) === 0);
    expect(await connections(['idle in transaction'])).toBe(0);
    // And others are served as ever.
    expect((await get(at(oldest))).status).toBe(200);

    await seal(bucket, 1);
    const sealed = await Promise.all(readers);
    expect(sealed.filter(Boolean)).toHaveLength(1_000);
    expect(await connections(all)).toBeLessThanOrEqual(10);
  });

  describe('a signed manifest', () => {
    const manifestOf = async (bucket: Bucket, rest = '') => {
      const { body } = await get(at(bucket, `/manifest${rest}`));
      const signed: SignedManifest = body;
      return { signed, bytes: Buffer.from(signed.payload, 'base64') };
    };

    it('is the one in the lake, byte for byte, and verifies by the public key that anybody may have', async () => {
      const { body } = await request(delivery.server)
        .get('/api/delivery/.well-known/jwks.json')
        .set('Authorization', mockCredentials.none.header());
      const { keys }: ManifestKeySet = body;
      const { signed, bytes } = await manifestOf(revised);
      const [{ partition }] = [(await get(at(revised))).body];
      const stored = await fs.readFile(
        path.join(delivery.lakeRoot, partition.manifestKey),
      );
      expect(bytes.equals(stored)).toBe(true);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(
        partition.manifestSha256,
      );
      const isGood = (payload: Buffer) =>
        verify(
          null,
          Buffer.concat([
            Buffer.from(
              `DSSEv1 ${signed.payloadType.length} ${signed.payloadType} ${payload.length} `,
            ),
            payload,
          ]),
          createPublicKey({ key: keys[0], format: 'jwk' }),
          Buffer.from(signed.signatures[0].sig, 'base64'),
        );
      expect(signed.signatures[0].keyid).toBe(keys[0].kid);
      expect(isGood(bytes)).toBe(true);
      expect(isGood(Buffer.from(String(bytes).replace('6', '7')))).toBe(false);
    });

    it('is there of each revision', async () => {
      const first = await manifestOf(revised, '?revision=1');
      expect(JSON.parse(String(first.bytes))).toMatchObject({ revision: 1 });
      expect((await get(at(bucketAgo(30), '/manifest'))).status).toBe(404);
      expect((await get(at(revised, '/manifest?revision=9'))).status).toBe(404);
    });

    it('is refused for a manifest that somebody has changed in the lake', async () => {
      const bucket = bucketAgo(4);
      await seal(bucket, 1);
      const { partition } = (await get(at(bucket))).body;
      const file = path.join(delivery.lakeRoot, partition.manifestKey);
      const content = await fs.readFile(file, 'utf8');
      await fs.rm(file);
      await fs.writeFile(file, content.replace('"rows": 1', '"rows":  1'));
      const { status, body } = await get(at(bucket, '/manifest'));
      expect(status).toBe(500);
      expect(body).not.toHaveProperty('payload');
      await fs.rm(file);
      await fs.writeFile(file, content);
    });
  });

  describe('a file', () => {
    const fileOf = async (bucket: Bucket, rest = '') => {
      const { body } = await get(at(bucket, rest));
      const detail: DatasetPartitionDetail = body.partition;
      return detail.files[0];
    };

    it('is given whole, or in parts, under its hash, and is audited', async () => {
      const file = await fileOf(oldest);
      const url = at(oldest, `/files/${file.name}`);
      const fetched = async (headers = {}) => {
        const response = await fetch(`${origin}/api/delivery${url}`, {
          headers: {
            authorization: mockCredentials.service.header(),
            ...headers,
          },
        });
        const bytes = Buffer.from(await response.arrayBuffer());
        return { status: response.status, headers: response.headers, bytes };
      };
      const whole = await fetched();
      expect(whole.headers.get('etag')).toBe(`"${file.sha256}"`);
      expect(createHash('sha256').update(whole.bytes).digest('hex')).toBe(
        file.sha256,
      );
      const part = await fetched({ range: 'bytes=0-3' });
      expect(part.status).toBe(206);
      expect(String(part.bytes)).toBe('PAR1');
      const again = await get(url).set('If-None-Match', `"${file.sha256}"`);
      expect(again.status).toBe(304);
      expect(delivery.audited).toContainEqual({
        eventId: 'dataset-file-read',
        outcome: 'success',
        meta: { dataset: PUSH, file: file.name },
      });
    });

    it('is found only in the revision that it is of', async () => {
      const first = await fileOf(revised, '?revision=1');
      const url = at(revised, `/files/${first.name}`);
      expect((await get(url)).status).toBe(404);
      expect((await get(`${url}?revision=1`)).status).toBe(200);
    });

    it.each([
      'manifest.json',
      '..%2Fmanifest.json',
      '..%2F..%2F..%2Fetc%2Fpasswd',
      '.incoming',
    ])('is not %s', async name => {
      expect((await get(at(oldest, `/files/${name}`))).status).toBe(404);
    });
  });

  it.each([
    [at(oldest, '?wait=56'), 'at most 55'],
    [at(oldest, '?wait=1&revision=1'), 'leave out revision'],
    [at(oldest, '?revision=0'), 'revision'],
    [at(oldest, '?colour=red'), 'colour'],
    [`/datasets/${PUSH}/partitions?cursor=xyz`, 'cursor'],
    [`/datasets/${PUSH}/partitions?revisions=some`, "'all'"],
    [`/datasets/${PUSH}/partitions/yesterday`, 'bucket start'],
  ])('refuses %s', async (url, words) => {
    const { status, body } = await get(url);
    expect(status).toBe(400);
    expect(body.error.message).toContain(words);
  });

  it('answers services by their tokens, and says 503 while the ledger is away', async () => {
    const ask = () =>
      request(delivery.server)
        .get(`/api/delivery${at(oldest)}`)
        .set('Authorization', mockCredentials.service.header());
    expect((await ask()).status).toBe(200);
    delivery.line.cut();
    expect((await ask()).status).toBe(503);
    delivery.line.mend();
    await until(async () => (await ask()).status === 200);
  });

  describe('the sample readers', () => {
    const run = (bucket: Bucket, options: { keys?: string } = {}) =>
      new Promise<{ code: unknown; stdout: string; stderr: string }>(
        resolve => {
          execFile(
            process.execPath,
            [
              '--experimental-strip-types',
              '--no-warnings',
              path.join(EXAMPLES, 'src/readBucket.mts'),
              ...[
                '--portal',
                origin,
                '--dataset',
                PUSH,
                '--bucket',
                iso(bucket),
              ],
              ...(options.keys ? ['--keys', options.keys] : []),
              ...['--give-up-after', '60'],
            ],
            {
              env: {
                PATH: process.env.PATH,
                MILLRACE_TOKEN: mockCredentials.service.token(),
              },
            },
            (error, stdout, stderr) =>
              resolve({ code: error?.code ?? 0, stdout, stderr }),
          );
        },
      );

    it('in TypeScript waits, verifies and reads the rows of the current revision', async () => {
      const bucket = bucketAgo(3);
      const reading = run(bucket);
      await seal(bucket, 5);
      const { stdout, stderr } = await reading;
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toMatchObject({
        dataset: PUSH,
        bucketStart: iso(bucket),
        revision: 1,
        rows: 5,
        sample: [{ _id: 'id-1', n: '1' }, {}, {}],
      });
      expect(JSON.parse((await run(revised)).stdout)).toMatchObject({
        revision: 2,
        rows: 6,
      });
    });

    it('in TypeScript reads nothing that is not what was sealed', async () => {
      const bucket = bucketAgo(2);
      await seal(bucket, 5);
      const { partition } = (await get(at(bucket))).body;
      const file = path.join(delivery.lakeRoot, partition.files[0].key);
      const content = await fs.readFile(file);
      content[10] ^= 1;
      await fs.rm(file);
      await fs.writeFile(file, content);
      const { code, stdout, stderr } = await run(bucket);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain('is not the file that was sealed');

      const { body } = await get('/.well-known/jwks.json');
      const others = path.join(delivery.lakeRoot, '..', 'others.json');
      const [key] = body.keys;
      const x = Buffer.alloc(32, 7).toString('base64url');
      await fs.writeFile(others, JSON.stringify({ keys: [{ ...key, x }] }));
      const foreign = await run(oldest, { keys: others });
      expect([foreign.code, foreign.stdout]).toEqual([1, '']);
      expect(foreign.stderr).toContain('not signed by a key that is known');
    });

    it('in SQL reads the newest revision of every bucket, and stops at a changed file', async () => {
      const lake = path.join(delivery.lakeRoot, '..', 'copy');
      await fs.cp(delivery.lakeRoot, lake, { recursive: true });
      // The one that the test before has damaged.
      const { partition } = (await get(at(bucketAgo(2)))).body;
      const damaged = path.join(lake, partition.files[0].key);
      const sql = await fs.readFile(
        path.join(EXAMPLES, 'read-lake.sql'),
        'utf8',
      );
      const duckdb = await createDuckdb();
      try {
        await duckdb.run(`SET VARIABLE lake = '${lake}'`);
        await duckdb.run(`SET VARIABLE dataset = '${PUSH}'`);
        await expect(duckdb.run(sql)).rejects.toThrow(
          'is not the file that was sealed',
        );
        await fs.rm(path.dirname(damaged), { recursive: true });
        await duckdb.run(sql);
        const { body } = await get(`/datasets/${PUSH}/partitions`);
        const list: DatasetPartitionList = body;
        const expected = list.items
          .filter(({ bucketStart }) => bucketStart !== iso(bucketAgo(2)))
          .reduce((sum, { rows }) => sum + rows, 0);
        expect(await duckdb.rows('SELECT count(*) AS n FROM dataset')).toEqual([
          { n: expected },
        ]);
      } finally {
        duckdb.close();
      }
    });
  });
});

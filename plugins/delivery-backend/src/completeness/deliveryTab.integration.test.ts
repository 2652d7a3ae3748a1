import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { TestDatabases } from '@backstage/backend-test-utils';
import {
  approveRevision,
  getRevision,
  requestRevision,
} from '@millrace/ledger';
import type {
  BucketClosing,
  BucketLine,
  LedgerLine,
  LedgerPage,
  LedgerRow,
  LineDetail,
  PartitionDetail,
  PartitionRows,
} from '@millrace/plugin-delivery-common';
import { bucketOf } from '@millrace/schema';
import {
  type RunningPipeline,
  startPipeline,
} from '../__testUtils__/startPipeline';
import { until } from '../__testUtils__/until';

jest.setTimeout(240_000);

const SECONDS = 10;
const ORACLE = path.resolve(
  __dirname,
  '../../../../scripts/oracle/figures.mjs',
);

/** Copies within a bucket and in the next one, by two gateways. */
const COPIES = 'shop.order';
/** An event that no gateway should have accepted. */
const SPOILT = 'shop.refund';
/** A batch that the broker finds again after its bucket was closed by force. */
const LATE = 'shop.ship';
const TYPES = [COPIES, SPOILT, LATE];

type Fate = 'accepted' | 'delivered' | 'duplicates' | 'refused';

/** The figures of the oracle, which shares no code with any of this. */
interface Figures {
  /** By `<type> <bucket, hour or day> <start>`. */
  lines: { [place: string]: Record<Fate, number> };
  /** Accepted by gateway, by `<type> <start of the bucket>`. */
  gateways: { [place: string]: { [gateway: string]: number } };
  partitions: {
    [path: string]: {
      manifestSha256: string;
      files: { name: string; bytes: number; sha256: string }[];
      rows: number;
      keySum: string;
      lastReceivedAt?: string;
      byBucket: { [start: string]: number };
    };
  };
  problems: string[];
}

interface Sent {
  type: string;
  id: string;
  gateway: string;
  receivedAt: string;
  spoilt?: boolean;
}

/** Gateways, broker, worker, lake and portal, all real. */
describe('every figure of the Delivery tab', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let pipeline: RunningPipeline;
  let figures: Figures;
  let first: Date;
  let second: Date;
  const journal: Sent[] = [];
  /** What the portal said while a batch was missing, and after the force. */
  let whileWaiting: { row: LedgerRow; closing: BucketClosing };

  async function send(gateway: string, type: string, ids: string[]) {
    const start = bucketOf(new Date(), SECONDS).start;
    await pipeline.post(
      gateway,
      ids.map(id => ({ type, id, time: '2026-01-02T03:04:05Z' })),
    );
    if (bucketOf(new Date(), SECONDS).start > start) {
      throw new Error(
        'A request crossed the end of a bucket; nothing is shown',
      );
    }
    journal.push(
      ...ids.map(id => ({
        type,
        id,
        gateway,
        receivedAt: start.toISOString(),
      })),
    );
  }

  /** Early in a bucket, so that all that is sent now is in one. */
  async function nextBucket(after = new Date(0)): Promise<Date> {
    let start = after;
    await until(() => {
      ({ start } = bucketOf(new Date(), SECONDS));
      return start > after && Date.now() - start.getTime() < SECONDS * 300;
    }, 60_000);
    return start;
  }

  const get = async <T>(url: string): Promise<T> => {
    const { status, body } = await pipeline.delivery.api(
      'get',
      `/event-types/${url}`,
    );
    expect([status, body]).toEqual([200, expect.anything()]);
    return body;
  };

  const rowOf = async (type: string, start: Date): Promise<LedgerRow> => {
    const { items } = await get<LedgerPage>(
      `${type}/ledger?by=bucket&from=${start.toISOString()}&limit=100`,
    );
    return items.find(row => row.start === start.toISOString())!;
  };

  async function askOracle(): Promise<Figures> {
    const file = path.join(pipeline.root, 'journal.ndjson');
    const lines = journal.map(sent =>
      JSON.stringify({
        source: '/shop',
        data: { n: 1 },
        outcome: 'accepted',
        ...sent,
      }),
    );
    await fs.writeFile(file, lines.join('\n'));
    const { stdout } = await promisify(execFile)(process.execPath, [
      ORACLE,
      '--journal',
      file,
      '--lake',
      pipeline.delivery.lakeRoot,
      '--seconds',
      String(SECONDS),
    ]);
    return JSON.parse(stdout);
  }

  beforeAll(async () => {
    pipeline = await startPipeline({
      databases,
      eventTypes: TYPES,
      bucketSeconds: SECONDS,
      gateways: ['gateway-1', 'gateway-2'],
    });
    first = await nextBucket();
    await send('gateway-1', COPIES, ['a', 'b', 'c']);
    await send('gateway-2', COPIES, ['c', 'd', 'd']);
    await send('gateway-1', COPIES, ['a']);
    await send('gateway-2', SPOILT, ['good-1', 'spoilt', 'good-2']);
    for (const batch of [['1'], ['2', '3'], ['4']]) {
      await send('gateway-1', LATE, batch);
    }
    second = await nextBucket(first);
    await send('gateway-2', COPIES, ['e', 'a', 'e']);

    await pipeline.intercept(SPOILT, 1, ({ message, publish }) => {
      const text = zstdDecompressSync(message.data).toString();
      // There was no such second: no gateway accepts it, nor does the lake.
      const at = text.indexOf('2026-01-02T03:04:05Z', text.indexOf('spoilt'));
      const data = Buffer.from(
        `${text.slice(0, at)}2016-12-31T23:59:60Z${text.slice(at + 20)}`,
      );
      publish({
        data: zstdCompressSync(data),
        attributes: {
          ...message.attributes,
          crc32: crc32(data).toString(16).padStart(8, '0'),
        },
      });
      return 'lose';
    });
    journal.find(({ id }) => id === 'spoilt')!.spoilt = true;
    let lost: { data: Buffer; attributes: { [name: string]: string } };
    await pipeline.intercept(LATE, 3, ({ message, number }) => {
      if (number !== 2) {
        return 'keep';
      }
      const { data, attributes } = message;
      lost = { data, attributes: { ...attributes } };
      return 'lose';
    });

    await pipeline.startWorker();
    const closingUrl = `/event-types/${LATE}/closing/${first.toISOString()}`;
    await until(async () => {
      const { body } = await pipeline.delivery.api('get', closingUrl);
      return body.state === 'waiting';
    }, 90_000);
    whileWaiting = {
      row: await rowOf(LATE, first),
      closing: (await pipeline.delivery.api('get', closingUrl)).body,
    };
    await pipeline.delivery
      .api('post', `${closingUrl}/force`, 'platform')
      .send({ reason: 'the broker has lost a batch' })
      .expect(200);
    const isSealed = async (type: string, start: Date) =>
      (await rowOf(type, start))?.bucket?.state === 'sealed';
    await until(() => isSealed(LATE, first), 90_000);
    await pipeline.publishAgain(LATE, lost!);
    await until(async () => {
      const { line } = await rowOf(LATE, first);
      return (
        line.inFlight.total === 0 &&
        (await isSealed(COPIES, first)) &&
        (await isSealed(COPIES, second)) &&
        (await isSealed(SPOILT, first))
      );
    }, 90_000);
    figures = await askOracle();
  });
  afterAll(() => pipeline?.stop());

  const expectLine = (line: LedgerLine, place: string) => {
    const { accepted, delivered, duplicates, refused } = line;
    expect({ [place]: { accepted, delivered, duplicates, refused } }).toEqual({
      [place]: figures.lines[place],
    });
    expect(line).toMatchObject({
      inFlight: { total: 0, missingBatches: 0 },
      difference: 0,
      completeness:
        (figures.lines[place].delivered + figures.lines[place].duplicates) /
        figures.lines[place].accepted,
    });
  };

  /** The bucket of a partition and its type, from its path in the lake. */
  const inLake = () =>
    Object.entries(figures.partitions).map(([folder, files]) => {
      const [type, date, hour, min, sec] = folder.split('/');
      const part = (text: string) => text.split('=')[1];
      const start = `${part(date)}T${part(hour)}:${part(min)}:${part(
        sec,
      )}.000Z`;
      return { folder, type, start, files };
    });

  it('is about a lake in which the oracle finds nothing wrong', () => {
    expect(figures.problems).toEqual([]);
    expect(inLake().length).toBeGreaterThanOrEqual(5);
  });

  it('has lines by bucket, hour and day that are those of what was sent', async () => {
    const places: string[] = [];
    for (const type of TYPES) {
      for (const unit of ['bucket', 'hour', 'day']) {
        const { items, last24h } = await get<LedgerPage>(
          `${type}/ledger?by=${unit}&limit=20`,
        );
        for (const { start, line } of items) {
          const place = `${type} ${unit} ${start}`;
          if (line.accepted > 0 || figures.lines[place]) {
            places.push(place);
            expectLine(line, place);
          }
        }
        const total = items.reduce((sum, { line }) => sum + line.accepted, 0);
        expect(last24h?.line.accepted ?? total).toBe(total);
      }
    }
    expect(places.sort()).toEqual(Object.keys(figures.lines).sort());
    // What the oracle expects is what the story above is about.
    expect(figures.lines[`${COPIES} bucket ${first.toISOString()}`]).toEqual({
      accepted: 7,
      delivered: 4,
      duplicates: 3,
      refused: 0,
    });
    expect(figures.lines[`${COPIES} bucket ${second.toISOString()}`]).toEqual({
      accepted: 3,
      delivered: 1,
      duplicates: 2,
      refused: 0,
    });
  });

  it('says by gateway what each has accepted', async () => {
    for (const [place, expected] of Object.entries(figures.gateways)) {
      const [type, start] = place.split(' ');
      const { line, gateways } = await get<LineDetail<BucketLine>>(
        `${type}/books/${start}`,
      );
      expectLine(line, `${type} bucket ${start}`);
      expect(
        Object.fromEntries(
          gateways
            .filter(({ accepted }) => accepted > 0)
            .map(({ gateway, accepted }) => [gateway, accepted]),
        ),
      ).toEqual(expected);
      for (const each of gateways) {
        expect(each.difference).toBe(0);
        expect(each.epoch).toBe(pipeline.epochOf(each.gateway));
      }
    }
  });

  it('describes each partition as its files are: rows, sizes, hashes and keys', async () => {
    for (const { folder, type, start, files } of inLake()) {
      const detail = await get<PartitionDetail>(`${type}/partitions/${start}`);
      expect({
        folder,
        delivered: detail.delivered,
        bytes: detail.bytes,
        files: detail.files.map(({ name, bytes, sha256 }) => ({
          name,
          bytes,
          sha256,
        })),
        rows: detail.files.reduce((sum, { rows }) => sum + rows, 0),
        manifestPath: detail.manifestPath,
        manifestSha256: detail.manifestSha256,
        lastReceivedAt: detail.stages?.lastReceivedAt,
      }).toEqual({
        folder,
        delivered: files.rows,
        bytes: files.files.reduce((sum, { bytes }) => sum + bytes, 0),
        files: files.files,
        rows: files.rows,
        manifestPath: `${folder}/manifest.json`,
        manifestSha256: files.manifestSha256,
        lastReceivedAt: files.lastReceivedAt,
      });
      expect(detail.accepted).toBe(
        detail.delivered + detail.duplicates + detail.refused,
      );
      const keySums = {
        verdict: detail.accepted > 0 ? 'agree' : 'not-recorded',
        ...(detail.accepted > 0 && { delivered: files.keySum }),
      };
      expect(detail.keySums).toMatchObject(keySums);
      const rows = await get<PartitionRows>(
        `${type}/partitions/${start}/rows?limit=1`,
      );
      expect(rows.total).toBe(files.rows);
    }
  });

  it('divides the lateness of each bucket among its stages, in their order', async () => {
    const { items } = await get<LedgerPage>(
      `${COPIES}/ledger?by=bucket&limit=50`,
    );
    const sealed = items.filter(
      ({ bucket, line }) => bucket?.state === 'sealed' && line.accepted > 0,
    );
    expect(sealed).toHaveLength(2);
    for (const { bucket, end, lateness } of sealed) {
      const stages = bucket!.stages!;
      const shares = stages.shares.map(({ ms }) => ms);
      expect(shares.every(ms => ms >= 0)).toBe(true);
      expect(shares.reduce((sum, ms) => sum + ms, 0)).toBe(
        Date.parse(stages.sealedAt) - Date.parse(end),
      );
      expect(lateness?.maxMs).toBe(bucket?.partition?.latenessMs);
      // One machine has one clock.
      expect(stages).not.toHaveProperty('clocksDifferMs');
      const { lastReceivedAt, lastPublishedAt, lastStagedAt } = stages;
      const inOrder = [lastReceivedAt, lastPublishedAt, lastStagedAt];
      expect([...inOrder].sort()).toEqual(inOrder);
      expect(stages.closedAt <= stages.sealedAt).toBe(true);
    }
  });

  it('says why a bucket waits, with what is in flight, and that it was forced', async () => {
    const { row, closing } = whileWaiting;
    expect(row).toMatchObject({
      line: {
        accepted: 4,
        delivered: 0,
        inFlight: { total: 4, staged: 2, notArrived: 2, missingBatches: 1 },
        difference: 0,
        completeness: 0,
      },
      buckets: { sealed: 0, waiting: 1 },
      bucket: {
        state: 'waiting',
        waiting: { reasons: [{ code: 'batches_missing' }] },
      },
    });
    expect(closing).toMatchObject({
      state: 'waiting',
      missing: {
        eventsAtMost: 2,
        gateways: [{ gateway: 'gateway-1', batches: [2] }],
      },
    });
    const sealed = await rowOf(LATE, first);
    expect(sealed).toMatchObject({
      line: { accepted: 4, delivered: 4, completeness: 1 },
      buckets: { sealed: 1, forced: 1 },
      bucket: { isForced: true, partition: { accepted: 2, skewed: 0 } },
    });
    // The batch that came too late lies in a later partition, as skew.
    const { items } = await get<LedgerPage>(`${LATE}/ledger?by=day`);
    expect(items.reduce((sum, { skewed }) => sum + skewed, 0)).toBe(2);
    const skewed = inLake().filter(
      ({ type, start, files }) =>
        type === LATE &&
        start > first.toISOString() &&
        files.byBucket[first.toISOString()] === 2,
    );
    expect(skewed).toHaveLength(1);
  });

  it('has a reason for what was refused, where the ledger line says so', async () => {
    const end = new Date(first.getTime() + SECONDS * 1000).toISOString();
    const { items, total } = await get<{ items: object[]; total: number }>(
      `${SPOILT}/refused?since=${first.toISOString()}&until=${end}`,
    );
    expect(total).toBe(1);
    expect(items).toMatchObject([
      { eventId: 'spoilt', stage: 'sealing', reason: 'cast_failed' },
    ]);
  });

  it('stays as it is when a partition is made again, but for the revision', async () => {
    const { ledger } = pipeline.delivery;
    const before = await rowOf(COPIES, first);
    const operationId = randomUUID();
    const asked = { operationId, now: new Date() };
    await requestRevision(ledger, {
      ...asked,
      eventType: COPIES,
      kind: 'redeliver',
      buckets: [first],
      requestedBy: 'user:default/platform',
    });
    const isIn = async (...states: string[]) => {
      const state = (await getRevision(ledger, { operationId }))?.state ?? '';
      return states.includes(state);
    };
    await until(() => isIn('previewed', 'failed'), 90_000);
    await approveRevision(ledger, {
      ...asked,
      approvedBy: 'user:default/platform',
      reason: 'a disk has lost a file',
    });
    await until(() => isIn('done', 'failed'), 90_000);
    await expect(isIn('done')).resolves.toBe(true);

    const after = await rowOf(COPIES, first);
    expect(after).toMatchObject({
      line: before.line,
      lateness: before.lateness,
      buckets: { ...before.buckets, revised: 1 },
      bucket: {
        isLate: before.bucket!.isLate,
        stages: before.bucket!.stages,
        partition: { revision: 2, delivered: 4, duplicates: 3 },
      },
    });
    const url = `${COPIES}/partitions/${first.toISOString()}`;
    const live = await get<PartitionDetail>(url);
    expect(live).toMatchObject({
      revision: 2,
      isLive: true,
      keySums: { verdict: 'agree' },
      revisions: [
        { revision: 1, isLive: false, supersededAt: expect.any(String) },
        { revision: 2, isLive: true, why: expect.stringContaining('a disk') },
      ],
    });
    const old = await get<PartitionDetail>(`${url}?revision=1`);
    expect(old).toMatchObject({
      isLive: false,
      delivered: 4,
      keySums: { verdict: 'agree', delivered: live.keySums?.delivered },
    });
    const rows = await get<PartitionRows>(`${url}/rows?revision=1`);
    expect(rows.total).toBe(4);
    // The oracle reads the newest revision of all files anew.
    const again = await askOracle();
    expect(again.problems).toEqual([]);
    expect(again.partitions[path.dirname(live.manifestPath!)]).toMatchObject({
      rows: 4,
      keySum: live.keySums?.delivered,
    });
  });

  it('says that hashes differ when the manifest is not the one that was sealed', async () => {
    const [{ folder, type, start }] = inLake().filter(
      ({ files }) => files.rows > 0,
    );
    const file = path.join(pipeline.delivery.lakeRoot, folder, 'manifest.json');
    const bytes = await fs.readFile(file);
    await fs.chmod(file, 0o600);
    await fs.writeFile(file, bytes.toString().replace('"delivered"', '"d"'));
    const verdict = async () =>
      (await get<PartitionDetail>(`${type}/partitions/${start}`)).keySums;
    await expect(verdict()).resolves.toMatchObject({
      verdict: 'differ',
      message: expect.stringContaining('not the one that was sealed'),
    });
    await fs.rm(file);
    await expect(verdict()).resolves.toMatchObject({ verdict: 'unknown' });
    await fs.writeFile(file, bytes);
    await expect(verdict()).resolves.toMatchObject({ verdict: 'agree' });
  });
});

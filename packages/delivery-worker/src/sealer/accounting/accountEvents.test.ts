import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { readManifest, readRows } from '@millrace/lake';
import {
  addToSum,
  batchHash,
  checkBalance,
  declareBucket,
  listBatchFindings,
  listBucketLines,
  listProducerGaps,
  listProducers,
} from '@millrace/ledger';
import { Bucket, StoredEvent } from '@millrace/schema';
import { SIMPLE_SCHEMA } from '../__testUtils__/schemas';
import {
  bucketAt,
  event,
  toLine,
  useWorkshop,
  Workshop,
} from '../__testUtils__/workshop';

jest.setTimeout(120_000);

const TYPE = 'shop.order';
const REPORT = 'shop.producer_report';
const EPOCH = `${Date.now()
  .toString(16)
  .padStart(12, '0')
  .replace(/^(.{8})/, '$1-')}-7000-8000-000000000001`;
const OTHER_EPOCH = EPOCH.replace(/1$/, '2');

const REPORT_SCHEMA = {
  type: 'record',
  name: 'ProducerReport',
  fields: [
    { name: 'reason', type: 'string' },
    { name: 'dropped_events', type: 'long' },
    { name: 'dropped_bytes', type: 'long' },
    { name: 'dropped_epoch', type: 'string' },
    { name: 'first_sequence', type: 'long' },
    { name: 'last_sequence', type: 'long' },
  ],
};

const RANGE = {
  eventType: TYPE,
  from: bucketAt(0).start,
  to: bucketAt(60).start,
};

/** As the manifest defines it: of source, line feed and id. */
function keyHash(source: string, id: string): bigint {
  const digest = createHash('md5').update(`${source}\n${id}`).digest();
  return digest.readBigUInt64BE(0);
}

const numbered = (sequence: number, overrides: Partial<StoredEvent> = {}) =>
  event(
    `e-${sequence}`,
    { n: sequence },
    { producer: 'shop', epoch: EPOCH, sequence, ...overrides },
  );

describe('the books of a sealing', () => {
  const workshop = useWorkshop();
  let shop: Workshop;

  beforeEach(async () => {
    shop = workshop();
    await shop.provision({
      [TYPE]: { schema: SIMPLE_SCHEMA },
      'shop.refund': { schema: SIMPLE_SCHEMA },
      [REPORT]: { schema: REPORT_SCHEMA },
    });
    await shop.gateway('g', new Date(bucketAt(9).start.getTime() - 1));
  });

  /** Stages batches and declares them, as a gateway does. */
  async function deliver(
    n: number,
    batches: StoredEvent[][],
    options: {
      eventType?: string;
      /** Left out of what is staged. */
      lost?: number[];
      declaredCrc?: (batch: number, crc: number) => number;
    } = {},
  ): Promise<void> {
    const { eventType = TYPE, lost = [], declaredCrc } = options;
    const bucket: Bucket = bucketAt(n);
    let batchesSum = 0n;
    for (const [index, events] of batches.entries()) {
      const batch = index + 1;
      const crc = crc32(Buffer.from(events.map(toLine).join('')));
      batchesSum = addToSum(
        batchesSum,
        batchHash(batch, declaredCrc?.(batch, crc) ?? crc),
      );
      if (!lost.includes(batch)) {
        await shop.stage({ eventType, bucket, batch, events });
      }
    }
    await declareBucket(shop.db, {
      gateway: 'g',
      epoch: '1',
      bucket,
      counts: [
        {
          eventType,
          lastBatch: batches.length,
          abandonedBatches: [],
          events: batches.flat().length,
          batchesSum,
        },
      ],
    });
  }

  const received = (n: number) => ({
    receivedAt: new Date(bucketAt(n).start.getTime() + 500).toISOString(),
  });

  it('hold sums of the keys that the files themselves confirm', async () => {
    let n = 0;
    const content = fc.array(
      fc.record({ id: fc.nat(12), isBad: fc.boolean() }),
      { minLength: 1, maxLength: 30 },
    );
    const sealer = shop.sealer();
    await fc.assert(
      fc.asyncProperty(content, async events => {
        const bucket = n;
        n += 1;
        const stored = events.map(({ id, isBad }) =>
          event(`e-${id}`, isBad ? { n: 'no' } : { n: id }, received(bucket)),
        );
        await deliver(bucket, [stored]);
        await sealer.runOnce();

        const path = shop.pathOf(bucket);
        const manifest = await readManifest(shop.store, path);
        const sums = manifest?.keySums;
        const { rows, columns } =
          manifest && manifest.counts.delivered > 0
            ? await readRows(shop.store, { path, limit: 100 })
            : { rows: [], columns: [] };
        const at = (name: string) =>
          columns.findIndex(column => column.name === name);
        const sumOf = (hashes: bigint[]) =>
          hashes.reduce(addToSum, 0n).toString();
        expect(sums?.accepted).toBe(
          sumOf(stored.map(({ source, id }) => keyHash(source, id))),
        );
        expect(sums?.delivered).toBe(
          sumOf(
            rows.map(row =>
              keyHash(String(row[at('_source')]), String(row[at('_id')])),
            ),
          ),
        );
        const [fates] = await shop
          .db('partition_fates')
          .where({ receive_start: bucketAt(bucket).start });
        expect({
          accepted: fates.accepted_sum,
          delivered: fates.delivered_sum,
          duplicates: fates.duplicates_sum,
          refused: fates.refused_sum,
        }).toEqual(sums);
      }),
      { numRuns: 9 },
    );
    const report = await checkBalance(shop.db, RANGE);
    expect(report).toMatchObject({
      isBalanced: true,
      unbalanced: [],
      batches: [],
      total: { difference: 0, staged: 0, notArrived: 0 },
    });
    expect(report.total.duplicates).toBeGreaterThan(0);
    expect(report.total.refused).toBeGreaterThan(0);
  });

  it('file the events of a late batch under the bucket they were received in', async () => {
    await deliver(0, [[event('a', { n: 1 })]]);
    await shop.sealer().runOnce();
    await shop.stage({
      bucket: bucketAt(0),
      batch: 2,
      events: [event('late', { n: 2 }), event('a', { n: 1 })],
      now: bucketAt(1).start,
    });
    await deliver(1, [[event('b', { n: 3 }, received(1))]]);
    await shop.sealer().runOnce();

    await expect(
      listBucketLines(shop.db, { ...RANGE, limit: 9 }),
    ).resolves.toMatchObject([
      {
        bucketStart: bucketAt(0).start,
        // Batch 2 was never declared, and came all the same.
        accepted: 3,
        delivered: 2,
        duplicates: 1,
        difference: 0,
      },
      {
        bucketStart: bucketAt(1).start,
        accepted: 1,
        delivered: 1,
        difference: 0,
      },
    ]);
    await expect(
      listBatchFindings(shop.db, { ...RANGE, limit: 9 }),
    ).resolves.toMatchObject([
      { kind: 'batch_undeclared', gateway: 'g', epoch: '1', batch: 2 },
    ]);
  });

  it('say the same when a sealing is repeated', async () => {
    await deliver(0, [[1, 2, 4].map(n => numbered(n)), [numbered(4)]]);
    let crashes = 2;
    const sealer = shop.sealer({
      onStep: step => {
        if (step === 'counted' && crashes > 0) {
          crashes -= 1;
          throw new Error('killed');
        }
      },
    });
    while ((await sealer.runOnce()).failed > 0) {
      // The pause after a failure.
      shop.now = new Date(shop.now.getTime() + 60_000);
    }
    expect(crashes).toBe(0);
    const lines = await listBucketLines(shop.db, { ...RANGE, limit: 9 });
    expect(lines[0]).toMatchObject({
      accepted: 4,
      delivered: 3,
      duplicates: 1,
      difference: 0,
    });
    await expect(
      listProducers(shop.db, { eventType: TYPE, limit: 9 }),
    ).resolves.toMatchObject([
      { producer: 'shop', receivedOfType: 3, given: 4, pending: 1 },
    ]);
  });

  it('know the numbers of a producer over all its types, and what it says it dropped', async () => {
    await deliver(0, [[1, 2, 6, 9].map(n => numbered(n))]);
    await deliver(0, [[numbered(3)]], { eventType: 'shop.refund' });
    const report = (id: string, data: object) =>
      event(
        id,
        { reason: 'queue_full', dropped_bytes: 10, ...data },
        { producer: 'shop', epoch: OTHER_EPOCH, sequence: 1 },
      );
    const drop = report('r-1', {
      dropped_events: 2,
      dropped_epoch: EPOCH,
      first_sequence: 4,
      last_sequence: 5,
    });
    await deliver(
      0,
      [
        [
          drop,
          drop,
          report('backwards', {
            dropped_events: 1,
            dropped_epoch: EPOCH,
            first_sequence: 8,
            last_sequence: 7,
          }),
          report('too many', {
            dropped_events: 9,
            dropped_epoch: EPOCH,
            first_sequence: 7,
            last_sequence: 8,
          }),
          report('hostile', {
            dropped_events: 1,
            dropped_epoch: 'a\u0000b',
            first_sequence: 7,
            last_sequence: 7,
          }),
        ],
      ],
      { eventType: REPORT },
    );
    // One after the other: little memory is given to a sealer of a test.
    await shop.sealer({ concurrency: 1 }).runOnce();
    expect(shop.logs.filter(line => line.includes('failed'))).toEqual([]);

    await expect(
      listProducers(shop.db, { eventType: TYPE, limit: 9 }),
    ).resolves.toMatchObject([
      {
        producer: 'shop',
        epoch: EPOCH,
        receivedOfType: 4,
        given: 9,
        received: 5,
        declaredDropped: 2,
        pending: 2,
        missing: 0,
      },
    ]);
    await expect(
      listProducerGaps(shop.db, { producer: 'shop', epoch: EPOCH, limit: 9 }),
    ).resolves.toMatchObject({
      gaps: [
        { first: 4, last: 5, state: 'declared_dropped' },
        { first: 7, last: 8, state: 'pending' },
      ],
    });
  });

  it('leave out numbers and names that no gateway lets through, and seal all the same', async () => {
    await deliver(0, [
      [
        numbered(0),
        numbered(2 ** 53),
        event('x', { n: 1 }, { sequence: 1 }),
        event('y', { n: 1 }, { producer: 'a\nb', epoch: 'e', sequence: 1 }),
        event(
          'z',
          { n: 1 },
          { producer: 'p'.repeat(201), epoch: 'e', sequence: 1 },
        ),
        numbered(1),
      ],
    ]);
    await expect(shop.sealer().runOnce()).resolves.toMatchObject({ failed: 0 });
    await expect(shop.db('producer_epochs')).resolves.toMatchObject([
      { producer: 'shop', known_through: '1' },
    ]);
    await expect(shop.db('partition_numbering').first()).resolves.toMatchObject(
      { numbered_events: '1', unnumbered_events: '5', untracked_events: '0' },
    );
  });

  it('name the batch whose content is not what was declared', async () => {
    await deliver(
      0,
      [1, 2, 3, 4].map(n => [event(`e-${n}`, { n })]),
      { declaredCrc: (batch, crc) => (batch === 3 ? crc + 1 : crc) },
    );
    await shop.sealer().runOnce();
    const findings = [
      {
        kind: 'batch_altered',
        gateway: 'g',
        epoch: '1',
        batch: 3,
        bucketStart: bucketAt(0).start,
      },
    ];
    await expect(checkBalance(shop.db, RANGE)).resolves.toMatchObject({
      isBalanced: false,
      unbalanced: [],
      batches: findings,
    });
    await expect(
      listBatchFindings(shop.db, { ...RANGE, limit: 9 }),
    ).resolves.toMatchObject(findings);
  });

  it('name the batch that was lost, in flight until it comes', async () => {
    const batches = [1, 2, 3].map(n => [event(`e-${n}`, { n })]);
    await deliver(0, batches, { lost: [2] });
    await shop.sealer().runOnce();
    await expect(checkBalance(shop.db, RANGE)).resolves.toMatchObject({
      isBalanced: false,
      unbalanced: [],
      total: { accepted: 3, staged: 2, notArrived: 1, missingBatches: 1 },
      batches: [
        {
          kind: 'batch_missing',
          gateway: 'g',
          epoch: '1',
          batch: 2,
          events: 1,
        },
      ],
    });
    await shop.stage({ bucket: bucketAt(0), batch: 2, events: batches[1] });
    await shop.sealer().runOnce();
    await expect(checkBalance(shop.db, RANGE)).resolves.toMatchObject({
      isBalanced: true,
      total: { accepted: 3, delivered: 3, notArrived: 0 },
    });
  });
});

import { copyFile, cp, readFile, rm, truncate } from 'node:fs/promises';
import path from 'node:path';
import {
  acknowledgeAuditFinding,
  listAuditFindings,
  listPartitionAudits,
  summarizeAudits,
} from '@millrace/ledger';
import { SIMPLE_SCHEMA } from '../sealer/__testUtils__/schemas';
import {
  bucketAt,
  event,
  useWorkshop,
  Workshop,
} from '../sealer/__testUtils__/workshop';
import {
  audit,
  auditorOf,
  CANARY,
  codesOf,
  declare,
  fileIn,
  flipByte,
  manifestOf,
  nextCycle,
  numbered,
  overwrite,
  partOf,
  rewriteBatches,
  rewriteLedger,
  rewriteRows,
  writeIds,
  seal,
  TYPE,
  unresolved,
} from './__testUtils__/sealedLake';

jest.setTimeout(60_000);

const workshop = useWorkshop();

const WITHOUT_ONE = 'SELECT * FROM PART WHERE _sequence % 10 <> 3';

/** What is done to bucket 0 of two, and the codes it must be found by. */
const DAMAGE: [
  what: string,
  damage: (shop: Workshop) => Promise<void>,
  codes: string[],
][] = [
  [
    'a flipped byte in the data',
    async shop => flipByte(await partOf(shop, 0), 200),
    ['file_hash_differs'],
  ],
  [
    'a flipped byte in the footer',
    async shop => {
      const part = await partOf(shop, 0);
      await flipByte(part, (await readFile(part)).length - 6);
    },
    ['file_hash_differs', 'file_unreadable'],
  ],
  [
    'a file that is gone',
    async shop => rm(await partOf(shop, 0)),
    ['file_missing'],
  ],
  [
    'a manifest that is gone',
    shop => rm(fileIn(shop, 0, 'manifest.json')),
    ['manifest_missing'],
  ],
  [
    'a file that was cut short',
    async shop => truncate(await partOf(shop, 0), 100),
    ['file_hash_differs', 'file_size_differs', 'file_unreadable'],
  ],
  [
    'a file that was emptied',
    async shop => truncate(await partOf(shop, 0), 0),
    ['file_hash_differs', 'file_size_differs', 'file_unreadable'],
  ],
  [
    'two files that changed places',
    async shop => {
      const [one, two] = [await partOf(shop, 0), await partOf(shop, 1)];
      const [first, second] = [await readFile(one), await readFile(two)];
      await overwrite(one, second);
      await overwrite(two, first);
    },
    [
      'file_hash_differs',
      'ids_differ',
      'received_outside_bucket',
      'rows_differ_from_manifest',
    ],
  ],
  [
    'the manifest of another partition',
    shop =>
      copyFile(
        fileIn(shop, 1, 'manifest.json'),
        path.join(shop.folder, 'other.json'),
      ).then(async () =>
        overwrite(
          fileIn(shop, 0, 'manifest.json'),
          await readFile(path.join(shop.folder, 'other.json')),
        ),
      ),
    ['file_missing', 'manifest_differs_from_ledger', 'manifest_misplaced'],
  ],
  [
    'an earlier manifest of the same partition',
    async shop => {
      const manifest = await manifestOf(shop, 0);
      const earlier = { ...manifest, sealedAt: '2026-01-10T12:29:59.000Z' };
      await overwrite(
        fileIn(shop, 0, 'manifest.json'),
        Buffer.from(JSON.stringify(earlier)),
      );
    },
    ['manifest_differs_from_ledger'],
  ],
  [
    'a manifest that is not JSON',
    shop => overwrite(fileIn(shop, 0, 'manifest.json'), Buffer.from('{"a":')),
    ['manifest_differs_from_ledger', 'manifest_unreadable'],
  ],
  [
    'a foreign file beside the parts',
    async shop =>
      copyFile(await partOf(shop, 1), fileIn(shop, 0, 'part-00001-x.parquet')),
    ['unknown_file'],
  ],
  [
    'a foreign file outside of any partition',
    async shop =>
      copyFile(
        await partOf(shop, 1),
        path.join(shop.folder, 'lake', TYPE, 'notes.txt'),
      ),
    ['unknown_file'],
  ],
  [
    'a partition that was never sealed',
    async shop => {
      const of = (n: number) => path.join(shop.folder, 'lake', shop.pathOf(n));
      await cp(of(0), of(7), { recursive: true });
    },
    ['unknown_partition'],
  ],
  [
    'a lost row, in file and manifest alike',
    shop => rewriteRows(shop, 0, WITHOUT_ONE, { ledger: false }),
    ['file_missing', 'manifest_differs_from_ledger'],
  ],
  [
    'a lost row, in file, manifest and partition',
    shop => rewriteRows(shop, 0, WITHOUT_ONE),
    ['batches_differ_from_accepted'],
  ],
  [
    'a lost row, in everything but the declaration of the gateway',
    async shop => {
      await rewriteRows(shop, 0, WITHOUT_ONE);
      await rewriteBatches(shop, 0, 1);
    },
    ['declared_events_differ'],
  ],
  [
    'a lost row that the manifest still counts',
    shop =>
      rewriteRows(shop, 0, WITHOUT_ONE, {
        counts: { accepted: 5, delivered: 5 },
      }),
    ['counts_do_not_balance', 'file_rows_differ'],
  ],
  [
    'a row that is there twice',
    async shop => {
      await rewriteRows(
        shop,
        0,
        'SELECT * FROM PART UNION ALL SELECT * FROM PART WHERE _sequence = 2',
      );
      await rewriteBatches(shop, 0, -1);
      await declare(shop, 0, 2, 6);
    },
    ['duplicate_in_partition'],
  ],
  [
    'a loss and a duplicate that cancel in every count',
    shop =>
      rewriteRows(
        shop,
        0,
        'SELECT * FROM PART WHERE _sequence <> 3 UNION ALL SELECT * FROM PART WHERE _sequence = 2',
      ),
    ['duplicate_in_partition'],
  ],
  [
    'a row with a receive time outside of the bucket',
    shop =>
      rewriteRows(
        shop,
        0,
        `SELECT * REPLACE (_received_at + INTERVAL 1 MINUTE AS _received_at)
         FROM PART`,
      ),
    ['received_outside_bucket', 'rows_differ_from_manifest'],
  ],
  [
    'a conflict mark that was taken away',
    shop =>
      rewriteRows(
        shop,
        0,
        'SELECT * REPLACE (_sequence = 2 AS _id_conflict) FROM PART',
      ),
    ['rows_differ_from_manifest'],
  ],
  [
    'a file without the columns of the envelope',
    shop => rewriteRows(shop, 0, 'SELECT n FROM PART'),
    ['file_unreadable'],
  ],
  [
    'a batch that has never arrived',
    shop => declare(shop, 0, 3, 9),
    ['declared_batches_missing'],
  ],
];

describe('a lake as it was sealed', () => {
  it('has no findings, with duplicates, conflicts, late and refused events in it', async () => {
    const shop = workshop();
    await shop.provision({ [TYPE]: { schema: SIMPLE_SCHEMA } });
    await shop.gateway('g', new Date(bucketAt(3).start.getTime() - 1));
    const batches = [
      [numbered(0, 1), numbered(0, 1), { ...numbered(0, 1), data: { n: 7 } }],
      [{ ...numbered(0, 1), receivedAt: '2026-01-10T12:01:10Z' }],
      [
        event(
          'bad',
          { n: 'not a number' },
          {
            receivedAt: '2026-01-10T12:02:10Z',
          },
        ),
      ],
    ];
    for (const [bucket, events] of batches.entries()) {
      await shop.stage({ bucket: bucketAt(bucket), events });
      await declare(shop, bucket, 1, events.length);
    }
    await shop.sealer().runOnce();
    // Of bucket 0, which is closed: it lands in a later one, as skew.
    await shop.stage({
      bucket: bucketAt(0),
      batch: 2,
      events: [numbered(0, 5)],
      now: bucketAt(3).start,
    });
    await declare(shop, 0, 2, 4);
    await shop.gateway('g', new Date(bucketAt(4).start.getTime() - 1));
    await declare(shop, 3, 0, 0);
    expect(await shop.sealer().runOnce()).toMatchObject({ sealed: 1 });

    await audit(shop);
    expect(await unresolved(shop)).toEqual([]);
    const summary = await summarizeAudits(shop.db, { since: shop.now });
    expect(summary).toMatchObject({ livePartitions: 4, auditedSince: 4 });
  });
});

describe('planted damage', () => {
  it.each(DAMAGE)('finds %s within one run', async (_what, damage, codes) => {
    const shop = workshop();
    await seal(shop, 2);
    await damage(shop);
    await audit(shop);
    const found = await unresolved(shop);
    const ofFirst = found.filter(
      finding =>
        !finding.bucketStart ||
        finding.bucketStart.getTime() !== bucketAt(1).start.getTime(),
    );
    const foundCodes = [...new Set(ofFirst.map(({ code }) => code))].sort();
    // Where a byte is flipped decides whether rows can still be read.
    const mayFollow = codes.includes('file_hash_differs')
      ? ['file_unreadable']
      : [];
    expect(
      foundCodes.filter(
        code => codes.includes(code) || !mayFollow.includes(code),
      ),
    ).toEqual(codes);
    const said = JSON.stringify([found, shop.logs]);
    expect(said).not.toContain(CANARY);
  });

  it('finds an event that is in two partitions, and names its producer', async () => {
    const shop = workshop();
    await seal(shop, 3);
    const earlier = await partOf(shop, 0);
    await rewriteRows(
      shop,
      2,
      `SELECT * FROM PART UNION ALL
       SELECT * REPLACE (TIMESTAMPTZ '2026-01-10T12:02:00.3Z' AS _received_at)
       FROM read_parquet('${earlier}', hive_partitioning = false)
       WHERE _sequence IN (2, 4)`,
    );
    await rewriteBatches(shop, 2, -2);
    await declare(shop, 2, 2, 7);
    await audit(shop);
    expect(await unresolved(shop)).toMatchObject([
      {
        code: 'duplicate_across_partitions',
        severity: 'critical',
        bucketStart: bucketAt(2).start,
        peer: shop.pathOf(0),
        events: 2,
        producer: {
          producer: 'till-1',
          epoch: 'e1',
          firstSequence: 2,
          lastSequence: 4,
        },
      },
    ]);
  });

  it('names gateway, epoch and batches of what never arrived', async () => {
    const shop = workshop();
    await seal(shop, 1);
    await declare(shop, 0, 5, 9);
    await audit(shop);
    expect(await unresolved(shop)).toMatchObject([
      {
        code: 'declared_batches_missing',
        gateway: { gateway: 'g', epoch: '1', firstBatch: 3, lastBatch: 5 },
      },
    ]);
  });

  it.each([
    ['is nothing', 'SELECT * FROM PART', []],
    [
      'is an id that is missing',
      'SELECT * FROM PART WHERE _sequence <> 3',
      ['ids_differ'],
    ],
    [
      'is an id of no event',
      `SELECT * REPLACE (CASE WHEN _sequence = 3 THEN uuid() ELSE event_key END
         AS event_key) FROM PART`,
      ['ids_differ'],
    ],
  ])('finds in a file of ids what %s wrong', async (_what, select, codes) => {
    const shop = workshop();
    await seal(shop, 1);
    await writeIds(shop, 0, select);
    await audit(shop);
    expect(await codesOf(shop)).toEqual(codes);
    // It is gone when its ids are in a merged one.
    await rm(fileIn(shop, 0, 'ids-planted.ids'));
    nextCycle(shop);
    await audit(shop);
    expect(await codesOf(shop)).toEqual(codes);
  });

  it('finds a change that fits everywhere, by its own memory of the first audit', async () => {
    const shop = workshop();
    await seal(shop, 1);
    await audit(shop);
    expect(await codesOf(shop)).toEqual([]);

    await rewriteRows(shop, 0, 'SELECT * REPLACE (n + 1 AS n) FROM PART');
    nextCycle(shop);
    await audit(shop);
    expect(await codesOf(shop)).toEqual(['changed_since_first_audit']);
    // It does not get used to it.
    nextCycle(shop);
    await audit(shop);
    expect(await codesOf(shop)).toEqual(['changed_since_first_audit']);
  });

  it('does not take a manifest for a good one because the ledger was changed as well', async () => {
    const shop = workshop();
    await seal(shop, 1);
    await audit(shop);
    const manifest = { ...(await manifestOf(shop, 0)), why: 'second thoughts' };
    const text = Buffer.from(JSON.stringify(manifest));
    await overwrite(fileIn(shop, 0, 'manifest.json'), text);
    await rewriteLedger(shop, 0, text);
    nextCycle(shop);
    await audit(shop);
    expect(await codesOf(shop)).toEqual(['changed_since_first_audit']);
  });
});

describe('a finding', () => {
  it('stays one finding while it is seen again, keeps its acknowledgement, and resolves when all is well', async () => {
    const shop = workshop();
    await seal(shop, 2);
    const part = await partOf(shop, 0);
    const whole = await readFile(part);
    await rm(part);
    await audit(shop);
    const [{ findingId }] = await unresolved(shop);
    await acknowledgeAuditFinding(shop.db, {
      findingId,
      by: 'user:default/platform',
      why: 'restoring it',
    });

    nextCycle(shop);
    await audit(shop);
    expect(await unresolved(shop)).toMatchObject([
      {
        findingId,
        state: 'acknowledged',
        seenCount: 2,
        acknowledged: { by: 'user:default/platform', why: 'restoring it' },
      },
    ]);

    await overwrite(part, whole);
    nextCycle(shop);
    await audit(shop);
    expect(await listAuditFindings(shop.db, { limit: 10 })).toMatchObject([
      { findingId, state: 'resolved', resolvedAt: shop.now },
    ]);
  });

  it('is not resolved by an audit that could not look', async () => {
    const shop = workshop();
    await seal(shop, 1);
    await rewriteRows(
      shop,
      0,
      'SELECT * FROM PART UNION ALL SELECT * FROM PART WHERE _sequence = 2',
    );
    await audit(shop);
    expect(await codesOf(shop)).toContain('duplicate_in_partition');
    await rm(await partOf(shop, 0));
    nextCycle(shop);
    await audit(shop);
    expect(await codesOf(shop)).toEqual(
      expect.arrayContaining(['duplicate_in_partition', 'file_missing']),
    );
  });
});

describe('the round', () => {
  it('audits what is new at once, what is old again after a cycle, and nothing in between', async () => {
    const shop = workshop();
    await seal(shop, 3);
    const auditor = auditorOf(shop, { cycleMs: 60 * 60_000 });
    expect(await auditor.runOnce()).toMatchObject({
      partitions: 3,
      folders: 1,
    });
    expect(await auditor.runOnce()).toMatchObject({
      partitions: 0,
      folders: 0,
    });
    shop.now = new Date(shop.now.getTime() + 61 * 60_000);
    expect(await auditor.runOnce()).toMatchObject({
      partitions: 3,
      folders: 1,
    });
    await auditor.close();
    const [newest] = await listPartitionAudits(shop.db, {
      eventType: TYPE,
      limit: 1,
    });
    expect(newest).toMatchObject({
      bucketStart: bucketAt(2).start,
      audit: { audits: 2, rowsRead: 5, auditedAt: shop.now },
      findings: 0,
    });
  });

  it('is shared by auditors: each partition is audited by one of them', async () => {
    const shop = workshop();
    await seal(shop, 12);
    const auditors = ['w1', 'w2', 'w3'].map((workerId, index) =>
      auditorOf(shop, { workerId, random: () => index / 3 }),
    );
    const runs = await Promise.all(auditors.map(one => one.runOnce()));
    await Promise.all(auditors.map(one => one.close()));
    const audited = runs.reduce((sum, run) => sum + run.partitions, 0);
    expect(audited).toBe(12);
    const { rows } = await shop.db.raw(
      'SELECT count(*)::int AS n, max(audits) AS most FROM partition_audits',
    );
    expect(rows).toEqual([{ n: 12, most: 1 }]);
  });

  it('records nothing under a lease that has passed on', async () => {
    const shop = workshop();
    await seal(shop, 1);
    const auditor = auditorOf(shop, {
      lake: {
        get: key => shop.store.get(key),
        list: folder => shop.store.list(folder),
        localPath: key => shop.store.localPath(key),
        stat: async key => {
          // While this one reads, another one takes over.
          await shop.db('leases').increment('fencing_token', 1);
          return shop.store.stat(key);
        },
      },
    });
    await expect(auditor.runOnce()).rejects.toMatchObject({
      code: 'fencing_token_stale',
    });
    await auditor.close();
    expect(await shop.db('partition_audits').select()).toEqual([]);
    expect(await shop.db('audit_findings').select()).toEqual([]);
  });

  it('does not blame the files for a store that cannot be reached, and goes on with the others', async () => {
    const shop = workshop();
    await seal(shop, 3);
    const auditor = auditorOf(shop, {
      lake: {
        get: key => shop.store.get(key),
        list: folder => shop.store.list(folder),
        localPath: key => shop.store.localPath(key),
        stat: async key => {
          if (key.startsWith(shop.pathOf(1))) {
            throw new Error('The store is away');
          }
          return shop.store.stat(key);
        },
      },
    });
    expect(await auditor.runOnce()).toMatchObject({ partitions: 2, failed: 1 });
    await auditor.close();
    expect(await unresolved(shop)).toEqual([]);
    await audit(shop);
    const summary = await summarizeAudits(shop.db, { since: shop.now });
    expect(summary).toMatchObject({ neverAudited: 0 });
  });

  it('leaves alone what is being sealed', async () => {
    const shop = workshop();
    await seal(shop, 1);
    await shop.gateway('g', new Date(bucketAt(2).start.getTime() - 1));
    await shop.stage({ bucket: bucketAt(1), events: [numbered(1, 1)] });
    await declare(shop, 1, 1, 1);
    const seen: string[][] = [];
    const run = await shop
      .sealer({
        onStep: async step => {
          if (step === 'published') {
            await audit(shop);
            seen.push(await codesOf(shop));
          }
        },
      })
      .runOnce();
    expect(run).toMatchObject({ sealed: 1 });
    expect(seen).toEqual([[]]);
  });
});

import fc from 'fast-check';
import {
  beginSealing,
  checkBalance,
  commitPartition,
  completenessOf,
  declareBucket,
  findBatchFaults,
  listBucketLines,
  listDayLines,
  listGatewayLines,
  recordPartitionBooks,
  recordPoisonBatch,
  recordStagedBatches,
} from '..';
import {
  bucketAt,
  claimSealLease,
  explain,
  idsOf,
  minutes,
  SHA256,
  stagedBatch,
  useLedger,
} from '../../__testUtils__/ledger';
import { addToSum, batchHash } from '../../batchSum';
import { StagedBatch } from '../../types';
import { BATCH_FAULTS_SQL } from './findBatchFaults';
import { LedgerLine } from './ledgerLine';
import { BATCH_FINDINGS_SQL } from './listBatchFindings';
import { BUCKET_LINES_SQL } from './listBucketLines';
import { GATEWAY_LINES_SQL } from './listGatewayLines';
import { SPAN_LINES_SQL } from './listSpanLines';

jest.setTimeout(120_000);

/** What happens to a batch between gateway and partition. */
type Fate =
  | 'sealed'
  | 'staged'
  | 'lost'
  | 'unreadable'
  /** Given up by the gateway, and committed all the same. */
  | 'abandoned'
  | 'abandoned_and_lost';

interface Made {
  gateway: string;
  batch: number;
  events: number;
  crc: number;
  fate: Fate;
}

const RANGE = { from: minutes(0), to: minutes(60 * 24) };

describe('ledger lines', () => {
  const ledger = useLedger();

  const stagedOf = (eventType: string, made: Made): StagedBatch => {
    const batch = stagedBatch({ ...made, eventType, bucket: bucketAt(0) });
    return { ...batch, header: { ...batch.header, crc: made.crc } };
  };

  /** Seals the first bucket, with every third event of a gateway a copy. */
  async function seal(eventType: string): Promise<{ duplicates: number }> {
    const fencingToken = await claimSealLease(ledger(), eventType);
    const { partitionId, stagedFiles } = await beginSealing(ledger(), {
      eventType,
      bucket: bucketAt(0),
      fencingToken,
      decision: {},
    });
    const events = new Map<string, number>();
    for (const { header } of stagedFiles) {
      const { gateway } = header;
      events.set(gateway, (events.get(gateway) ?? 0) + header.events);
    }
    const fates = [...events].map(([gateway, accepted]) => ({
      gateway,
      epoch: 'e',
      receiveStart: bucketAt(0).start,
      accepted,
      delivered: accepted - Math.floor(accepted / 3),
      duplicates: Math.floor(accepted / 3),
      refused: 0,
      acceptedSum: 3n,
      deliveredSum: 2n ** 64n - 1n,
      duplicatesSum: 4n,
      refusedSum: 0n,
    }));
    const sum = (term: 'accepted' | 'delivered' | 'duplicates') =>
      fates.reduce((total, each) => total + each[term], 0);
    const accepted = sum('accepted');
    const delivered = sum('delivered');
    const duplicates = sum('duplicates');
    await recordPartitionBooks(ledger(), {
      partitionId,
      batches: stagedFiles,
      fates,
      numbering: { numbered: 0, unnumbered: accepted, untracked: 0 },
    });
    await commitPartition(ledger(), {
      partitionId,
      fencingToken,
      counts: {
        accepted,
        delivered,
        duplicates,
        refused: 0,
        conflicts: 0,
        skewed: 0,
      },
      files: [],
      manifest: { path: 'm/manifest.json', sha256: SHA256 },
      ids:
        delivered > 0
          ? await idsOf(ledger(), {
              eventType,
              path: `${eventType}/1.ids`,
              rows: delivered,
            })
          : undefined,
      refusedAtSealing: [],
      sealedAt: minutes(2),
    });
    return { duplicates };
  }

  const fate = fc.constantFrom<Fate>(
    'sealed',
    'sealed',
    'staged',
    'lost',
    'unreadable',
    'abandoned',
    'abandoned_and_lost',
  );

  it('close to zero whatever becomes of batches, and name those that are missing', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            gateway: fc.constantFrom('g-1', 'g-2'),
            events: fc.integer({ min: 1, max: 500 }),
            crc: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
            fate,
          }),
          { minLength: 1, maxLength: 12 },
        ),
        fc.boolean(),
        async (batches, isSealed) => {
          run += 1;
          const eventType = `page.viewed_${run}`;
          const last = new Map<string, number>();
          const made: Made[] = batches.map(each => {
            const batch = (last.get(each.gateway) ?? 0) + 1;
            last.set(each.gateway, batch);
            const isStuck = each.fate === 'sealed' && !isSealed;
            return { ...each, batch, fate: isStuck ? 'staged' : each.fate };
          });
          const of = (...fates: Fate[]) =>
            made.filter(each => fates.includes(each.fate));
          const sum = (some: Made[]) =>
            some.reduce((total, { events }) => total + events, 0);
          const stage = (some: Made[]) =>
            recordStagedBatches(ledger(), {
              batches: some.map(each => stagedOf(eventType, each)),
              now: minutes(0.5),
            });

          for (const [gateway, lastBatch] of last) {
            const own = made.filter(each => each.gateway === gateway);
            const isAbandoned = (each: Made) =>
              each.fate.startsWith('abandoned');
            const confirmed = own.filter(each => !isAbandoned(each));
            await declareBucket(ledger(), {
              gateway,
              epoch: 'e',
              bucket: bucketAt(0),
              counts: [
                {
                  eventType,
                  lastBatch,
                  abandonedBatches: own
                    .filter(isAbandoned)
                    .map(({ batch }) => batch),
                  events: sum(confirmed),
                  batchesSum: confirmed.reduce(
                    (total, { batch, crc }) =>
                      addToSum(total, batchHash(batch, crc)),
                    0n,
                  ),
                },
              ],
            });
          }
          for (const each of of('unreadable')) {
            const { header, ...message } = stagedOf(eventType, each);
            await recordPoisonBatch(ledger(), {
              subscription: eventType,
              messageId: `${each.gateway}-${each.batch}`,
              reason: 'unreadable_body',
              message: 'unreadable',
              attributes: { events: String(header.events) },
              data: Buffer.from('?'),
              publishedAt: message.publishedAt,
              header,
            });
          }
          let duplicates = 0;
          const sealed = isSealed ? of('sealed', 'abandoned') : [];
          if (isSealed && sealed.length > 0) {
            await stage(sealed);
            ({ duplicates } = await seal(eventType));
          }
          const rest = made.filter(
            each =>
              !sealed.includes(each) &&
              ['staged', 'abandoned', 'sealed'].includes(each.fate),
          );
          await stage(rest);

          const [line] = await listBucketLines(ledger(), {
            eventType,
            ...RANGE,
            limit: 9,
          });
          const accepted = sum(made) - sum(of('abandoned_and_lost'));
          const expected: LedgerLine = {
            accepted,
            delivered: sum(sealed) - duplicates,
            duplicates,
            refused: 0,
            staged: sum(rest),
            unreadable: sum(of('unreadable')),
            notArrived: sum(of('lost')),
            missingBatches: of('lost').length,
            difference: 0,
            isDeclared: true,
          };
          expect(line).toEqual({ bucketStart: minutes(0), ...expected });
          const completeness = completenessOf(line);
          expect(completeness === 1).toBe(
            accepted > 0 && sum(sealed) === accepted,
          );

          const [day] = await listDayLines(ledger(), { eventType, ...RANGE });
          expect(day).toEqual({
            day: new Date('2026-01-10T00:00:00Z'),
            buckets: 1,
            ...expected,
          });
          const gateways = await listGatewayLines(ledger(), {
            eventType,
            ...RANGE,
            limit: 9,
          });
          expect(gateways.map(({ gateway }) => gateway)).toEqual(
            [...last.keys()].sort(),
          );
          for (const each of gateways) {
            expect(each.accepted).toBe(
              each.sealed + each.staged + each.unreadable + each.notArrived,
            );
            expect(each.duplicates).toBe(Math.floor(each.sealed / 3));
            expect(each.delivered).toBe(
              each.sealed - Math.floor(each.sealed / 3),
            );
            expect(each.refused).toBe(0);
            expect(each.difference).toBe(0);
          }

          const named = await findBatchFaults(ledger(), {
            eventType,
            ...RANGE,
          });
          const label = (
            kind: string,
            each: { gateway: string; batch?: number },
          ) => `${kind} ${each.gateway} ${each.batch}`;
          expect(named.map(each => label(each.kind, each)).sort()).toEqual(
            [
              ...of('lost').map(each => label('batch_missing', each)),
              ...of('unreadable').map(each => label('batch_unreadable', each)),
            ].sort(),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('show a difference when a declaration and the batches do not fit', async () => {
    const eventType = 'page.viewed';
    await recordStagedBatches(ledger(), {
      batches: [stagedBatch({ events: 9 })],
      now: minutes(0.5),
    });
    await declareBucket(ledger(), {
      gateway: 'g',
      epoch: 'e',
      bucket: bucketAt(0),
      counts: [{ eventType, lastBatch: 1, abandonedBatches: [], events: 10 }],
    });
    await expect(
      checkBalance(ledger(), { eventType, ...RANGE }),
    ).resolves.toMatchObject({
      isBalanced: false,
      unbalanced: [{ bucketStart: minutes(0), difference: 1 }],
      batches: [{ kind: 'events_differ', gateway: 'g', epoch: 'e', events: 1 }],
    });
  });

  it('do not compare batches of gateways that know no CRC', async () => {
    const eventType = 'page.viewed';
    await recordStagedBatches(ledger(), {
      batches: [stagedBatch({ events: 10 })],
      now: minutes(0.5),
    });
    const declare = (batchesSum?: bigint) =>
      declareBucket(ledger(), {
        gateway: 'g',
        epoch: 'e',
        bucket: bucketAt(0),
        counts: [
          {
            eventType,
            lastBatch: 1,
            abandonedBatches: [],
            events: 10,
            batchesSum,
          },
        ],
      });
    for (const sum of [undefined, 7n]) {
      await declare(sum);
      await expect(
        findBatchFaults(ledger(), { eventType, ...RANGE }),
      ).resolves.toEqual([]);
    }
  });

  it('say nothing about buckets before books were kept', async () => {
    await ledger()('books').insert({ began_at: minutes(1) });
    for (const n of [0, 1]) {
      await recordStagedBatches(ledger(), {
        batches: [stagedBatch({ bucket: bucketAt(n) })],
        now: minutes(n),
      });
    }
    const lines = await listBucketLines(ledger(), {
      eventType: 'page.viewed',
      ...RANGE,
      limit: 9,
    });
    expect(lines).toMatchObject([
      { bucketStart: minutes(1), accepted: 10, isDeclared: false },
    ]);
  });

  it('call nothing complete that is not, however many events there are', () => {
    const line: LedgerLine = {
      accepted: 2 ** 53 - 1,
      delivered: 2 ** 53 - 2,
      duplicates: 0,
      refused: 0,
      staged: 1,
      unreadable: 0,
      notArrived: 0,
      missingBatches: 0,
      difference: 0,
      isDeclared: true,
    };
    expect(completenessOf(line)).toBeLessThan(1);
    expect(completenessOf({ ...line, duplicates: 1 })).toBe(1);
    expect(completenessOf({ ...line, accepted: 0 })).toBeUndefined();
  });

  it('are read along the keys of type and bucket', async () => {
    await ledger().raw(
      `INSERT INTO gateway_buckets (gateway, epoch, bucket_start, bucket_seconds)
       SELECT 'g', 'e', at, 60 FROM generate_series(
         timestamptz '2026-01-01', '2026-01-03', interval '1 minute') AS at;
       INSERT INTO gateway_bucket_counts (gateway, epoch, bucket_start,
         event_type, last_batch, events)
       SELECT 'g', 'e', bucket_start, 'type-' || t, 1, 10
       FROM gateway_buckets, generate_series(1, 10) AS t;
       INSERT INTO partitions (event_type, bucket_start, bucket_seconds,
         bucket_end, revision, state, decision, sealed_at)
       SELECT event_type, bucket_start, 60, bucket_start + interval '1 minute',
         1, 'sealed', '{}', bucket_start + interval '2 minutes'
       FROM gateway_bucket_counts;
       INSERT INTO partition_arrivals (partition_id, event_type, receive_start,
         gateway, epoch, batches, events)
       SELECT partition_id, event_type, bucket_start, 'g', 'e', 1, 10
       FROM partitions;
       INSERT INTO partition_fates SELECT partition_id, event_type,
         bucket_start, 10, 10, 0, 0, 1, 1, 0, 0 FROM partitions;
       INSERT INTO staged_batches (gateway, epoch, event_type, schema_version,
         bucket_start, bucket_seconds, batch, events, bytes, staged_file,
         offset_bytes, length_bytes, published_at, message_id, landing_start,
         landing_seconds, partition_id, consumed_at)
       SELECT 'g', 'e', event_type, 1, bucket_start, 60, 1, 10, 100, 'f', 0, 1,
         bucket_start, 'm', bucket_start, 60, partition_id, bucket_start
       FROM partitions;
       INSERT INTO batch_findings (event_type, bucket_start, gateway, epoch, kind)
       SELECT event_type, bucket_start, 'g', 'e', 'events_differ' FROM partitions;
       ANALYZE`,
    );
    const bindings = {
      eventType: 'type-7',
      from: new Date('2026-01-02T00:00:00Z'),
      to: new Date('2026-01-02T00:05:00Z'),
      seconds: 3600,
      limit: 100,
    };
    for (const sql of [
      BUCKET_LINES_SQL,
      GATEWAY_LINES_SQL,
      SPAN_LINES_SQL,
      BATCH_FAULTS_SQL,
      BATCH_FINDINGS_SQL,
    ]) {
      const plan = await explain(ledger(), sql, bindings);
      expect(plan).not.toMatch(
        /"Seq Scan"[^}]*"(gateway_bucket_counts|partitions|partition_arrivals|partition_fates|staged_batches|batch_findings)"/,
      );
    }
    const lines = await explain(ledger(), BUCKET_LINES_SQL, bindings);
    expect(lines).toContain('gateway_bucket_counts_pkey');
    expect(lines).toContain('partition_arrivals_pkey');
    expect(lines).toContain('partition_fates_pkey');
    // Not the batches of sealed partitions, however many there are.
    expect(lines).toContain('staged_batches_in_flight_idx');
  });
});

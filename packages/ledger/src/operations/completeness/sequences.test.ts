import fc from 'fast-check';
import {
  listProducerGaps,
  listProducers,
  ProducerEpoch,
  recordDrops,
  recordRefusedEvents,
  recordSequences,
  SequenceChunk,
} from '..';
import { explain, useLedger, uuid } from '../../__testUtils__/ledger';
import { listProducersSql } from './listProducers';
import { PRODUCER_GAPS_SQL } from './listProducerGaps';

jest.setTimeout(120_000);

const CHUNK = 1024;
const EPOCH_AT = Date.now();

/** A version 7 UUID that says the epoch began just now. */
function epochOf(n: number, at: number = EPOCH_AT): string {
  const time = at.toString(16).padStart(12, '0');
  const tail = n.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail}`;
}

const days = (n: number) => new Date(EPOCH_AT + n * 24 * 60 * 60_000);

/** As the sealer gathers the numbers of one producer's epoch. */
function chunksOf(
  numbers: Iterable<number>,
  origin: { producer?: string; epoch?: string; at?: Date } = {},
): SequenceChunk[] {
  const {
    producer = 'shop',
    epoch = epochOf(1),
    at = new Date(EPOCH_AT),
  } = origin;
  const chunks = new Map<number, number[]>();
  for (const number of numbers) {
    const chunk = Math.floor((number - 1) / CHUNK);
    chunks.set(chunk, [...(chunks.get(chunk) ?? []), number]);
  }
  return [...chunks].map(([chunk, own]) => {
    const bits = new Array(CHUNK).fill('0');
    own.forEach(number => {
      bits[(number - 1) % CHUNK] = '1';
    });
    return {
      producer,
      epoch,
      chunk,
      bits: bits.join('').replace(/0+$/, ''),
      lowest: Math.min(...own),
      highest: Math.max(...own),
      firstReceivedAt: at,
      lastReceivedAt: at,
    };
  });
}

const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, n) => first + n);

describe('numbers of producers', () => {
  const ledger = useLedger();

  const record = (
    numbers: Iterable<number>,
    options: {
      eventType?: string;
      producer?: string;
      epoch?: string;
      now?: Date;
    } = {},
  ) =>
    recordSequences(ledger(), {
      eventType: options.eventType ?? 'page.viewed',
      chunks: chunksOf(numbers, { ...options, at: options.now }),
      now: options.now,
    });
  const one = async (now?: Date): Promise<ProducerEpoch> => {
    const [found] = await listProducers(ledger(), {
      eventType: 'page.viewed',
      limit: 1,
      now,
    });
    return found;
  };
  const gaps = async (options: { now?: Date; epoch?: string } = {}) =>
    (
      await listProducerGaps(ledger(), {
        producer: 'shop',
        epoch: epochOf(1),
        limit: 100,
        ...options,
      })
    )?.gaps;

  it('account for every number once, in any order, of any type, however often it comes', async () => {
    // Stretches of numbers, so that some chunks are full and some have holes.
    const stretch = fc
      .tuple(
        fc.oneof(fc.nat(20), fc.nat(4 * CHUNK)),
        fc.oneof(fc.nat(5), fc.nat(2 * CHUNK)),
        fc.constantFrom('page.viewed', 'page.left', 'page.shared'),
      )
      .map(([first, length, eventType]) => ({
        numbers: range(first + 1, first + 1 + length),
        eventType,
      }));
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(stretch, { minLength: 1, maxLength: 12 }),
        async stretches => {
          run += 1;
          const producer = `shop-${run}`;
          const arrived = new Set<number>();
          const byType = new Map<string, Set<number>>();
          for (const { numbers, eventType } of stretches) {
            // A number is of one type: that of its first event.
            const own = numbers.filter(
              number =>
                !arrived.has(number) || byType.get(eventType)?.has(number),
            );
            await record(own, { eventType, producer });
            const ofType = byType.get(eventType) ?? new Set();
            byType.set(eventType, ofType);
            own.forEach(number => {
              arrived.add(number);
              ofType.add(number);
            });
          }
          const given = Math.max(...arrived);
          const absent = range(1, given).filter(each => !arrived.has(each));
          for (const [eventType, ofType] of byType) {
            const found = await listProducers(ledger(), {
              eventType,
              producer,
              limit: 9,
            });
            const expected = {
              receivedOfType: ofType.size,
              lowest: Math.min(...ofType),
              highest: Math.max(...ofType),
              given,
              received: arrived.size,
              pending: absent.length,
              missing: 0,
              declaredDropped: 0,
            };
            expect(found).toMatchObject(ofType.size === 0 ? [] : [expected]);
          }
          const listed = await listProducerGaps(ledger(), {
            producer,
            epoch: epochOf(1),
            limit: 10_000,
          });
          expect(
            listed?.gaps.flatMap(({ first, last }) => range(first, last)),
          ).toEqual(absent);
          expect(listed?.listedThrough).toBe(given);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('keep nothing but ranges of what has arrived to the last', async () => {
    await record(range(1, 50 * CHUNK));
    const [{ count }] = await ledger()('producer_sequences').count();
    expect(Number(count)).toBe(0);
    // All of it again changes nothing.
    await record(range(1, 50 * CHUNK));
    await expect(one()).resolves.toMatchObject({
      receivedOfType: 50 * CHUNK,
      received: 50 * CHUNK,
      pending: 0,
    });
  });

  it('call a gap pending, until a late arrival fills it', async () => {
    await record([1, 2, 5, 6]);
    await expect(gaps()).resolves.toEqual([
      { first: 3, last: 4, state: 'pending' },
    ]);
    await record([3, 4], { eventType: 'page.left' });
    await expect(gaps()).resolves.toEqual([]);
    await expect(one()).resolves.toMatchObject({
      receivedOfType: 4,
      received: 6,
      pending: 0,
    });
  });

  it('call what is before the first number of an epoch a gap as well', async () => {
    await record([4]);
    await expect(gaps()).resolves.toEqual([
      { first: 1, last: 3, state: 'pending' },
    ]);
  });

  it('say nothing of what an epoch sent before books were kept', async () => {
    await ledger()('books').insert({ began_at: days(1) });
    await record([40, 42]);
    await expect(gaps()).resolves.toEqual([
      { first: 41, last: 41, state: 'pending' },
    ]);
  });

  it('say nothing of what came before of an epoch that does not say when it began', async () => {
    await record([40, 42], { epoch: 'boot-7' });
    await expect(gaps({ epoch: 'boot-7' })).resolves.toEqual([
      { first: 41, last: 41, state: 'pending' },
    ]);
  });

  it('call a gap missing only once its number is older than the horizon, also of a producer that goes on', async () => {
    await record([1, 2, 4], { now: days(0) });
    await record([5, 7], { now: days(20) });

    await expect(one(days(31))).resolves.toMatchObject({
      pending: 2,
      missing: 0,
    });
    await expect(one(days(33))).resolves.toMatchObject({
      pending: 1,
      missing: 1,
    });
    await expect(gaps({ now: days(33) })).resolves.toEqual([
      { first: 3, last: 3, state: 'missing' },
      { first: 6, last: 6, state: 'pending' },
    ]);
    await expect(one(days(53))).resolves.toMatchObject({
      pending: 0,
      missing: 2,
    });
    // It came all the same: then it is not missing.
    await record([3], { now: days(54) });
    await expect(one(days(54))).resolves.toMatchObject({
      received: 6,
      pending: 0,
      missing: 1,
    });
  });

  const drop = (
    firstSequence: number,
    lastSequence: number,
    events: number,
    n = 1,
  ) =>
    recordDrops(ledger(), {
      eventType: 'producer.report',
      drops: [
        {
          producer: 'shop',
          epoch: epochOf(1),
          firstSequence,
          lastSequence,
          events,
          reason: 'queue_full',
          reportKey: uuid(n),
          reportedAt: new Date(EPOCH_AT),
        },
      ],
    });

  it('keep apart what the producer says it dropped, what may come and what will not', async () => {
    await record([1, 2, 8, 12], { now: days(0) });
    await drop(3, 5, 3);
    await drop(3, 5, 3);

    await expect(one()).resolves.toMatchObject({
      given: 12,
      received: 4,
      declaredDropped: 3,
      pending: 5,
      missing: 0,
    });
    await expect(gaps()).resolves.toEqual([
      { first: 3, last: 5, state: 'declared_dropped' },
      { first: 6, last: 7, state: 'pending' },
      { first: 9, last: 11, state: 'pending' },
    ]);
    await expect(one(days(40))).resolves.toMatchObject({
      declaredDropped: 3,
      pending: 0,
      missing: 5,
    });
  });

  it('take no more for dropped than was said, nor what arrived all the same', async () => {
    await record([1, 10]);
    await drop(2, 9, 3);
    await expect(one()).resolves.toMatchObject({
      declaredDropped: 3,
      pending: 5,
    });
    await record(range(2, 8));
    await expect(one()).resolves.toMatchObject({
      declaredDropped: 1,
      pending: 0,
    });
  });

  it('list an epoch of which nothing arrived but the report', async () => {
    await drop(1, 9, 9);
    await expect(
      listProducers(ledger(), { eventType: 'producer.report', limit: 5 }),
    ).resolves.toMatchObject([
      { given: 9, received: 0, declaredDropped: 9, pending: 0 },
    ]);
  });

  it('take an event that the gateway refused for arrived', async () => {
    await record([1, 3]);
    await recordRefusedEvents(ledger(), {
      events: [
        { producer: 'shop', epoch: epochOf(1), sequence: 2 },
        { producer: 'shop', epoch: epochOf(1), sequence: -1 },
        { producer: 'a\nb', epoch: epochOf(1), sequence: 2 },
        {},
      ].map((event, n) => ({
        refusalId: uuid(n + 1),
        reason: 'missing_field',
        message: 'missing',
        receivedAt: new Date(EPOCH_AT).toISOString(),
        event: JSON.stringify(event),
      })),
    });
    await expect(gaps()).resolves.toEqual([]);
    await expect(one()).resolves.toMatchObject({
      receivedOfType: 2,
      received: 3,
    });
  });

  it('call nothing missing while more came than is kept account of', async () => {
    await record([1, 3], { now: days(0) });
    await ledger().raw(
      `INSERT INTO partitions (event_type, bucket_start, bucket_seconds,
         bucket_end, revision, state, decision)
       VALUES ('a', '2026-01-01', 60, '2026-01-01 00:01', 1, 'sealing', '{}')`,
    );
    await ledger().raw(
      `INSERT INTO partition_numbering (partition_id, event_type, accounted_at,
         numbered_events, unnumbered_events, untracked_events)
       SELECT partition_id, 'a', :at, 10, 0, 5 FROM partitions`,
      { at: days(0) },
    );
    await expect(one(days(60))).resolves.toMatchObject({
      isUncertain: true,
      pending: 1,
      missing: 0,
    });
  });

  it('survive two types that record the same producers at once', async () => {
    const producers = range(1, 30);
    const recordAll = (eventType: string, numbers: number[]) =>
      recordSequences(ledger(), {
        eventType,
        chunks: producers.flatMap(n =>
          chunksOf(numbers, { producer: `p-${n}` }),
        ),
      });
    await Promise.all([
      recordAll('page.viewed', range(1, 600)),
      recordAll('page.left', range(601, 1200)),
      recordAll('page.viewed', range(1201, 1500)),
    ]);
    const found = await listProducers(ledger(), {
      eventType: 'page.viewed',
      limit: 100,
    });
    expect(found).toHaveLength(30);
    for (const each of found) {
      expect(each).toMatchObject({ received: 1500, receivedOfType: 900 });
    }
  });

  it('are listed a page at a time, along indexes', async () => {
    await recordSequences(ledger(), {
      eventType: 'page.viewed',
      chunks: range(1, 500).flatMap(n =>
        chunksOf([1, 3], {
          producer: `p-${n}`,
          at: new Date(EPOCH_AT + (n % 100)),
        }),
      ),
    });
    const seen: string[] = [];
    let before;
    for (;;) {
      const page: ProducerEpoch[] = await listProducers(ledger(), {
        eventType: 'page.viewed',
        limit: 120,
        before,
      });
      seen.push(...page.map(({ producer }) => producer));
      before = page.at(-1);
      if (!before) {
        break;
      }
    }
    expect(seen).toHaveLength(500);
    expect(new Set(seen).size).toBe(500);

    // Those of other types are many, as in a ledger of some weeks.
    await ledger().raw(
      `WITH other AS (
         INSERT INTO producer_epochs (producer, epoch, counts_from,
           known_through, first_seen_at, last_seen_at, accounted_at)
         SELECT 'other-' || n, 'e', 1, 9, now(), now(), now()
         FROM generate_series(1, 20000) AS n RETURNING producer, epoch
       )
       INSERT INTO producer_types (event_type, producer, epoch, last_seen_at)
       SELECT 'page.left', producer, epoch, now() FROM other`,
    );
    await ledger().raw(
      'ANALYZE producer_types, producer_epochs, producer_sequences',
    );
    const plan = await explain(
      ledger(),
      listProducersSql({
        eventType: 'page.viewed',
        limit: 50,
        before: { lastSeenAt: new Date(), producer: 'p', epoch: 'e' },
      }),
      {
        eventType: 'page.viewed',
        limit: 50,
        now: null,
        lastSeenAt: new Date(),
        beforeProducer: 'p',
        beforeEpoch: 'e',
      },
    );
    expect(plan).toContain('producer_types_seen_idx');
    expect(plan).toContain('producer_sequences_pkey');
    expect(plan).not.toMatch(
      /"Seq Scan"[^}]*"producer_(types|epochs|sequences)"/,
    );
    const ofOne = await explain(ledger(), PRODUCER_GAPS_SQL, {
      producer: 'p-1',
      epoch: epochOf(1),
      from: 1,
      limit: 10,
      now: null,
    });
    expect(ofOne).toContain('producer_sequences_pkey');
  });

  it('list gaps in pages, the last number of which is told', async () => {
    await record(range(1, 400).map(n => 2 * n));
    const listed: number[] = [];
    let from = 1;
    for (;;) {
      const page = await listProducerGaps(ledger(), {
        producer: 'shop',
        epoch: epochOf(1),
        from,
        limit: 150,
      });
      listed.push(...(page?.gaps ?? []).map(({ first }) => first));
      from = (page?.listedThrough ?? Infinity) + 1;
      if (from > (page?.knownThrough ?? 0)) {
        break;
      }
    }
    expect(listed).toEqual(range(1, 400).map(n => 2 * n - 1));
  });

  it('are forgotten 62 days after nothing more was heard', async () => {
    await record([1, 3]);
    await ledger()('producer_epochs').update({
      accounted_at: ledger().raw(`now() - interval '63 days'`),
    });
    await record([1], { producer: 'other' });
    await expect(
      ledger()('producer_epochs').pluck('producer'),
    ).resolves.toEqual(['other']);
    await expect(
      ledger()('producer_sequences').pluck('producer'),
    ).resolves.toEqual(['other']);
  });
});

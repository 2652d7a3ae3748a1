import { TestDatabases } from '@backstage/backend-test-utils';
import { type BalanceReport, checkBalance } from '@millrace/ledger';
import type {
  BucketLine,
  BucketLineList,
  CompletenessList,
  DayLine,
  LineDetail,
  ProducerGapList,
  ProducerList,
} from '@millrace/plugin-delivery-common';
import { bucketOf } from '@millrace/schema';
import {
  type MessageFate,
  type RunningPipeline,
  startPipeline,
} from '../__testUtils__/startPipeline';
import type { RunningDelivery } from '../__testUtils__/startDelivery';
import { until } from '../__testUtils__/until';

jest.setTimeout(180_000);

const SECONDS = 20;

/** What is done to the messages of a type between gateway and worker. */
const UNTOUCHED = 'shop.order';
const BATCH_TWICE = 'shop.refund';
const BATCH_LOST = 'shop.ship';
const LOST_AND_TWICE = 'shop.stock';
const NUMBER_TWICE = 'shop.invoice';
const TYPES = [
  UNTOUCHED,
  BATCH_TWICE,
  BATCH_LOST,
  LOST_AND_TWICE,
  NUMBER_TWICE,
];

/** A version 7 UUID, as SDKs name their epochs. */
const EPOCH = `${Date.now()
  .toString(16)
  .padStart(12, '0')
  .replace(/^(.{8})/, '$1-')}-7000-8000-000000000001`;

/**
 * Gateway, broker, worker and portal, all real, with the faults put in between
 * gateway and worker, on the broker.
 */
describe('the books', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let pipeline: RunningPipeline;
  let delivery: RunningDelivery;
  /** The life of the one gateway. */
  let epoch: string;
  /** Of the bucket in which everything is sent. */
  let bucketStart: Date;

  const post = (events: object[]) => pipeline.post('gateway-1', events);

  /** Takes the four batches of a type off the broker and puts back some. */
  const plant = (
    type: string,
    fault: (batch: {
      number: number;
      publishAgain: (attributes: { [name: string]: string }) => void;
    }) => MessageFate,
  ) =>
    pipeline.intercept(type, 4, ({ message, number, publish }) => {
      const { attributes, data } = message;
      return fault({
        number,
        publishAgain: others =>
          publish({ data, attributes: { ...attributes, ...others } }),
      });
    });

  beforeAll(async () => {
    pipeline = await startPipeline({
      databases,
      eventTypes: TYPES,
      bucketSeconds: SECONDS,
      gateways: ['gateway-1'],
    });
    ({ delivery } = pipeline);
    epoch = pipeline.epochOf('gateway-1');

    // Early in a bucket, so that all of it is in one.
    await until(async () => (Date.now() / 1000) % SECONDS < SECONDS / 2);
    bucketStart = bucketOf(new Date(), SECONDS).start;
    // Four batches of two events each; nothing is on its way when one is sent.
    for (const type of TYPES) {
      for (const batch of [1, 2, 3, 4]) {
        await post([
          { type, id: `${batch}-a` },
          { type, id: `${batch}-b` },
        ]);
      }
    }
    // Number 5 is lost before the gateway, and 6 comes twice.
    for (const sequence of [1, 2, 3, 4, 6, 6, 7]) {
      await post([
        {
          type: UNTOUCHED,
          id: `numbered-${sequence}`,
          producer: 'shop/web',
          epoch: EPOCH,
          sequence,
        },
      ]);
    }
    if (bucketOf(new Date(), SECONDS).start > bucketStart) {
      throw new Error('Sending took longer than a bucket; nothing is shown');
    }

    await plant(BATCH_TWICE, ({ number, publishAgain }) => {
      if (number === 2) {
        publishAgain({});
      }
      return 'keep';
    });
    await plant(BATCH_LOST, ({ number }) => (number === 3 ? 'lose' : 'keep'));
    // As many batches, events and bytes as there should be.
    await plant(LOST_AND_TWICE, ({ number, publishAgain }) => {
      if (number === 2) {
        publishAgain({ batch: '3' });
      }
      return number === 3 ? 'lose' : 'keep';
    });
    // A gateway that gives one number to two batches.
    await plant(NUMBER_TWICE, ({ number, publishAgain }) => {
      if (number === 2) {
        publishAgain({ batch: '1' });
      }
      return 'keep';
    });

    await pipeline.startWorker();
    await until(async () => {
      const sealed = await delivery
        .ledger('partitions')
        .where({ bucket_start: bucketStart, state: 'sealed' });
      return sealed.length === TYPES.length - 1;
    }, 90_000);
  });
  afterAll(() => pipeline?.stop());

  const check = (type: string): Promise<BalanceReport> =>
    checkBalance(delivery.ledger, {
      eventType: type,
      from: bucketStart,
      to: new Date(bucketStart.getTime() + 1),
    });

  const get = async <T>(type: string, route: string): Promise<T> => {
    const { status, body } = await delivery.api(
      'get',
      `/event-types/${type}${route}`,
    );
    expect([status, body]).toEqual([200, expect.anything()]);
    return body;
  };

  const batch = (kind: string, number: number) => ({
    kind,
    gateway: 'gateway-1',
    epoch,
    batch: number,
    bucketStart,
  });

  it('sum to zero when nothing went wrong, and name what never reached a gateway', async () => {
    await expect(check(UNTOUCHED)).resolves.toMatchObject({
      isBalanced: true,
      lines: 1,
      total: {
        accepted: 15,
        delivered: 14,
        duplicates: 1,
        refused: 0,
        staged: 0,
        notArrived: 0,
        difference: 0,
      },
      unbalanced: [],
      batches: [],
      gaps: [
        {
          producer: 'shop/web',
          epoch: EPOCH,
          first: 5,
          last: 5,
          state: 'pending',
        },
      ],
    });
  });

  it('sum to zero when a batch came twice, and know which', async () => {
    await expect(check(BATCH_TWICE)).resolves.toMatchObject({
      isBalanced: true,
      total: { accepted: 8, delivered: 8, duplicates: 0 },
    });
    await expect(
      delivery
        .ledger('batch_redeliveries')
        .where({ event_type: BATCH_TWICE, batch: 2 }),
    ).resolves.toMatchObject([{ gateway: 'gateway-1', epoch }]);
  });

  it('name a batch that was lost', async () => {
    await until(async () => (await check(BATCH_LOST)).total.staged === 6);
    await expect(check(BATCH_LOST)).resolves.toMatchObject({
      isBalanced: false,
      total: {
        accepted: 8,
        delivered: 0,
        staged: 6,
        notArrived: 2,
        missingBatches: 1,
        difference: 0,
      },
      batches: [{ ...batch('batch_missing', 3), events: 2 }],
    });
  });

  it('name the batch that was lost while another came in its place', async () => {
    await expect(check(LOST_AND_TWICE)).resolves.toMatchObject({
      isBalanced: false,
      // All counts are as they should be.
      total: { accepted: 8, delivered: 6, duplicates: 2, difference: 0 },
      unbalanced: [],
      batches: [batch('batch_altered', 3)],
    });
  });

  it('name the number that two batches had', async () => {
    const { findings } = await get<LineDetail<BucketLine>>(
      NUMBER_TWICE,
      `/books/${bucketStart.toISOString()}`,
    );
    expect(findings).toContainEqual(
      expect.objectContaining({
        ...batch('batch_number_reused', 1),
        bucketStart: bucketStart.toISOString(),
        events: 2,
      }),
    );
  });

  it('are served by bucket, by day and by gateway', async () => {
    const line = {
      accepted: 8,
      delivered: 6,
      duplicates: 2,
      refused: 0,
      inFlight: { total: 0 },
      difference: 0,
      isDeclared: true,
      completeness: 1,
    };
    const day = bucketStart.toISOString().slice(0, 10);
    const lines = await get<BucketLineList>(
      LOST_AND_TWICE,
      `/books?from=${bucketStart.toISOString()}&limit=1`,
    );
    expect(lines).toMatchObject({
      items: [{ bucketStart: bucketStart.toISOString(), ...line }],
    });
    const days = await get<CompletenessList>(
      LOST_AND_TWICE,
      `/completeness?from=${day}&to=${day}`,
    );
    expect(days).toMatchObject({ items: [{ day, buckets: 1, ...line }] });
    for (const detail of [
      await get<LineDetail<DayLine>>(LOST_AND_TWICE, `/completeness/${day}`),
      await get<LineDetail<BucketLine>>(
        LOST_AND_TWICE,
        `/books/${bucketStart.toISOString()}`,
      ),
    ]) {
      expect(detail).toMatchObject({
        line,
        gateways: [
          {
            gateway: 'gateway-1',
            epoch,
            accepted: 8,
            sealed: 8,
            delivered: 6,
            duplicates: 2,
            refused: 0,
            difference: 0,
            declaredBuckets: 1,
          },
        ],
        findings: [{ kind: 'batch_altered', batch: 3 }],
      });
    }
    // What is outstanding lowers completeness.
    await expect(
      get<CompletenessList>(BATCH_LOST, `/completeness?from=${day}&to=${day}`),
    ).resolves.toMatchObject({
      items: [
        { accepted: 8, inFlight: { total: 8, notArrived: 2 }, completeness: 0 },
      ],
    });
  });

  it('serve producers apart from delivery, with the gaps of one', async () => {
    const { items } = await get<ProducerList>(UNTOUCHED, '/producers?limit=5');
    expect(items).toMatchObject([
      {
        producer: 'shop/web',
        epoch: EPOCH,
        receivedOfType: 6,
        given: 7,
        received: 6,
        pending: 1,
        missing: 0,
        declaredDropped: 0,
      },
    ]);
    const query = new URLSearchParams({ producer: 'shop/web', epoch: EPOCH });
    await expect(
      get<ProducerGapList>(UNTOUCHED, `/producers/gaps?${query}`),
    ).resolves.toEqual({ items: [{ first: 5, last: 5, state: 'pending' }] });
    // It has sent nothing of this type, so nobody learns of it here.
    const other = await delivery.api(
      'get',
      `/event-types/${BATCH_LOST}/producers/gaps?${query}`,
    );
    expect(other.status).toBe(404);
  });

  it.each([
    ['/completeness?from=2026-01-02&to=2026-01-01'],
    ['/completeness?from=2020-01-01&to=2026-01-01'],
    ['/completeness?from=yesterday'],
    ['/completeness/2026-13-01'],
    ['/books?limit=1001'],
    ['/books?from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z'],
    ['/books/noon'],
    ['/producers?cursor=nonsense'],
    ['/producers?limit=201'],
    ['/producers/gaps?producer=a'],
  ])('answers 400 to %s', async route => {
    const { status } = await delivery.api(
      'get',
      `/event-types/${UNTOUCHED}${route}`,
    );
    expect(status).toBe(400);
  });
});

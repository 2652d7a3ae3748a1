import { TestDatabases } from '@backstage/backend-test-utils';
import {
  type Bucket,
  heartbeatGateway,
  heartbeatWorker,
  readConfigSnapshot,
  readDueSinkLoads,
  recordRefusedEvents,
  recordSinkLoad,
  registerSink,
} from '@millrace/ledger';
import type {
  DeliveryOverview,
  PartitionList,
  RefusedEvents,
} from '@millrace/plugin-delivery-common';
import { bucketOf } from '@millrace/schema';
import { eventType } from './__testUtils__/eventType';
import {
  freezeBucket,
  sealPartition,
  stageEvents,
} from './__testUtils__/sealPartition';
import {
  type RunningDelivery,
  startDelivery,
} from './__testUtils__/startDelivery';
import { until } from './__testUtils__/until';

const PUSH = eventType('github.push');
const SHIP = eventType('shop.ship', 'group:default/shop');
const SECRET_PLAN = eventType('secret.plan', 'group:default/shop');

jest.setTimeout(60_000);

describe('delivery plugin', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let delivery: RunningDelivery;
  let api: RunningDelivery['api'];
  /** The bucket that ended a few minutes ago, `ago` before the last one. */
  const bucketAgo = (ago: number): Bucket => {
    const { start } = bucketOf(new Date(Date.now() - 5 * 60_000), 60);
    return { start: new Date(start.getTime() - ago * 60_000), seconds: 60 };
  };

  beforeAll(async () => {
    delivery = await startDelivery({
      databases,
      eventTypes: [PUSH, SHIP, SECRET_PLAN],
      hidden: [SECRET_PLAN.name],
    });
    api = delivery.api;
  });
  afterAll(() => delivery.stop());

  describe('with a sealed, an empty and a sealing partition', () => {
    const sealed = bucketAgo(3);
    const empty = bucketAgo(2);
    const sealing = bucketAgo(1);
    const at = (bucket: Bucket) =>
      `/event-types/github.push/partitions/${bucket.start.toISOString()}`;

    beforeAll(async () => {
      const { ledger, lakeRoot } = delivery;
      await sealPartition(ledger, lakeRoot, {
        eventType: PUSH.name,
        bucket: sealed,
        delivered: 120,
        duplicates: 3,
        latenessMs: 4000,
      });
      await sealPartition(ledger, lakeRoot, {
        eventType: PUSH.name,
        bucket: empty,
        delivered: 0,
        latenessMs: 1000,
      });
      await stageEvents(ledger, {
        eventType: PUSH.name,
        bucket: sealing,
        events: 7,
      });
      await freezeBucket(ledger, { eventType: PUSH.name, bucket: sealing });
    });

    it('tells how every readable type is delivered', async () => {
      const { body, status } = await api('get', '/overview');
      expect(status).toBe(200);
      const { items }: DeliveryOverview = body;
      expect(items.map(row => row.eventType)).toEqual([
        'github.push',
        'shop.ship',
      ]);
      const [push, ship] = items;
      expect(push).toMatchObject({
        owner: 'group:default/webhooks',
        tier: 'normal',
        last24h: {
          accepted: 123,
          delivered: 120,
          duplicates: 3,
          refusedAtSealing: 0,
          refusedAtGateway: 0,
          skewed: 0,
        },
        inFlight: 7,
        lateness: { p50Ms: 1000, p99Ms: 4000, maxMs: 4000 },
      });
      expect(
        push.recent.map(({ state, empty: isEmpty, delivered }) => ({
          state,
          isEmpty,
          delivered,
        })),
      ).toEqual([
        { state: 'sealing', isEmpty: false, delivered: 0 },
        { state: 'sealed', isEmpty: true, delivered: 0 },
        { state: 'sealed', isEmpty: false, delivered: 120 },
      ]);
      expect(push.conditions).toMatchObject([
        { type: 'Declared', reached: true, at: PUSH.createdAt },
        { type: 'Provisioned', reached: true, at: expect.any(String) },
        {
          type: 'Receiving',
          reached: true,
          at: new Date(sealed.start.getTime() + 1000).toISOString(),
        },
        {
          type: 'Delivering',
          reached: true,
          at: new Date(sealed.start.getTime() + 64_000).toISOString(),
        },
      ]);
      expect(ship).toMatchObject({ recent: [], inFlight: 0 });
      expect(ship.conditions).toMatchObject([
        { reached: true },
        { reached: true },
        { reached: false, message: expect.stringContaining('/v1/events') },
        { reached: false },
      ]);
      expect((await api('get', '/event-types/github.push')).body).toEqual(push);
    });

    it('pages through partitions, with or without empty ones', async () => {
      const first = await api(
        'get',
        '/event-types/github.push/partitions?limit=2',
      );
      const page: PartitionList = first.body;
      expect(page.items.map(({ bucketStart }) => bucketStart)).toEqual([
        sealing.start.toISOString(),
        empty.start.toISOString(),
      ]);
      const second = await api(
        'get',
        `/event-types/github.push/partitions?limit=2&before=${first.body.nextBefore}`,
      );
      expect(second.body.items).toMatchObject([
        {
          bucketStart: sealed.start.toISOString(),
          latenessMs: 4000,
          delivered: 120,
        },
      ]);
      expect(second.body).not.toHaveProperty('nextBefore');
      const full = await api(
        'get',
        '/event-types/github.push/partitions?includeEmpty=false',
      );
      expect(full.body.items).toHaveLength(2);
    });

    it('shows the files of a partition and why it was closed', async () => {
      const { body } = await api('get', at(sealed));
      expect(body).toMatchObject({
        state: 'sealed',
        revision: 1,
        schemaVersion: 1,
        manifestSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        decision: { rule: 'every-gateway-declared' },
        files: [{ rows: 120, sha256: expect.any(String) }],
      });
    });

    it('shows how far a partition has come in a sink', async () => {
      expect((await api('get', at(sealed))).body).not.toHaveProperty('sinks');
      const { ledger } = delivery;
      await registerSink(ledger, { sink: 'bigquery' });
      const due = await readDueSinkLoads(ledger, {
        sink: 'bigquery',
        eventType: PUSH.name,
        limit: 10,
      });
      const { partitionId } = due.find(
        ({ bucketStart }) => bucketStart.getTime() === sealed.start.getTime(),
      )!;
      await recordSinkLoad(ledger, {
        sink: 'bigquery',
        partitionId,
        attempt: 0,
        outcome: {
          state: 'failed',
          reason: 'sink_refused',
          message: 'No',
          retryMs: 60_000,
        },
      });
      expect((await api('get', at(sealed))).body.sinks).toEqual([
        {
          sink: 'bigquery',
          state: 'failed',
          reason: 'sink_refused',
          message: 'No',
          nextTryAt: expect.any(String),
        },
      ]);
    });

    it('reads rows out of the lake, a page at a time', async () => {
      const { body, status } = await api(
        'get',
        `${at(sealed)}/rows?limit=2&offset=118`,
      );
      expect(status).toBe(200);
      expect(body).toEqual({
        columns: [
          { name: '_id', type: 'VARCHAR' },
          { name: '_received_at', type: 'TIMESTAMP WITH TIME ZONE' },
          { name: 'n', type: 'BIGINT' },
        ],
        rows: [119, 120].map(n => [
          `id-${n}`,
          expect.stringContaining(sealed.start.toISOString().slice(0, 19)),
          n,
        ]),
        total: 120,
        limit: 2,
        offset: 118,
      });
      const byDefault = await api('get', `${at(sealed)}/rows`);
      expect(byDefault.body.rows).toHaveLength(50);
      const none = await api('get', `${at(empty)}/rows`);
      expect(none.body).toMatchObject({ rows: [], total: 0 });
    });

    it('says why rows cannot be read', async () => {
      const early = await api('get', `${at(sealing)}/rows`);
      expect(early.status).toBe(404);
      expect(early.body.error.message).toContain('is being sealed');
      const never = await api('get', `${at(bucketAgo(9))}/rows`);
      expect(never.status).toBe(404);
      expect(never.body.error.message).toContain('is not sealed yet');
    });

    it.each([
      ['/event-types/github.push/partitions/yesterday', 'bucket start'],
      [`${at(sealed).replace('.000Z', '.500Z')}`, 'whole second'],
      [`${at(sealed)}/rows?limit=1001`, 'limit: expected at most 1000'],
      [`${at(sealed)}/rows?limit=0`, 'limit: expected at least 1'],
      [`${at(sealed)}/rows?offset=-1`, 'offset'],
      [`${at(sealed)}/rows?colour=red`, 'colour'],
      ['/event-types/github.push/partitions?includeEmpty=maybe', "'true'"],
      ['/event-types/github.push/refused?cursor=xyz', 'cursor'],
    ])('refuses %s', async (url, words) => {
      const { status, body } = await api('get', url);
      expect(status).toBe(400);
      expect(body.error.name).toBe('InputError');
      expect(body.error.message).toContain(words);
    });

    it('answers 404 for an event type that is not there, 403 for one that is not theirs to see', async () => {
      const url = (name: string) => `/event-types/${name}/partitions`;
      expect((await api('get', url('no.such'))).status).toBe(404);
      expect((await api('get', url('..%2Fetc'))).status).toBe(404);
      expect((await api('get', url('secret.plan'))).status).toBe(403);
      expect((await api('get', url('secret.plan'), 'platform')).status).toBe(
        200,
      );
    });
  });

  it('pages through refused events, by reason, without their content', async () => {
    const refusal = (n: number, type?: string) => ({
      refusalId: `ffffffff-ffff-ffff-ffff-${String(n).padStart(12, '0')}`,
      eventType: type,
      eventId: `e-${n}`,
      source: 'test',
      reason: n % 2 ? 'missing_field' : 'wrong_type',
      pointer: '/data/n',
      message: 'Not as the schema says',
      receivedAt: new Date(Date.now() - n * 1000).toISOString(),
      event: '{"data":{"name":"Jane Doe"}}',
    });
    await recordRefusedEvents(delivery.ledger, {
      events: [1, 2, 3, 4, 5].map(n => refusal(n, 'github.push')),
    });
    await recordRefusedEvents(delivery.ledger, {
      events: [refusal(6, 'no.such'), refusal(7)],
    });

    const seen: string[] = [];
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const { body } = await api(
        'get',
        `/event-types/github.push/refused?limit=2${
          cursor && `&cursor=${cursor}`
        }`,
      );
      const page: RefusedEvents = body;
      expect(page).toMatchObject({
        total: 5,
        byReason: [
          { reason: 'missing_field', pointer: '/data/n', count: 3 },
          { reason: 'wrong_type', pointer: '/data/n', count: 2 },
        ],
      });
      expect(JSON.stringify(page)).not.toContain('Jane Doe');
      seen.push(...page.items.map(({ eventId }) => eventId ?? ''));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(['e-1', 'e-2', 'e-3', 'e-4', 'e-5']);

    const all = await api('get', '/refused?limit=500', 'platform');
    expect(all.body.total).toBe(7);
    const unknown = await api('get', '/refused?unknownOnly=true', 'platform');
    expect(unknown.body.items).toMatchObject([
      { eventId: 'e-6' },
      { eventId: 'e-7' },
    ]);
  });

  it('tells the state of gateways and workers from their heartbeats', async () => {
    const startedAt = new Date();
    await heartbeatGateway(delivery.ledger, {
      gateway: 'gateway-9',
      epoch: 'e',
      startedAt,
      url: 'http://localhost:7008',
      pid: 1,
      leaseMs: 60_000,
      generation: 1,
      snapshotCheckedAt: startedAt,
    });
    await heartbeatWorker(delivery.ledger, {
      worker: 'worker-9',
      startedAt,
      pid: 2,
    });
    const { body } = await api('get', '/status');
    expect(body).toMatchObject({
      mode: 'external',
      processes: [],
      gateways: [
        {
          gateway: 'gateway-9',
          alive: true,
          generation: 1,
          snapshotCheckedAt: startedAt.toISOString(),
        },
      ],
      workers: [{ worker: 'worker-9', alive: true }],
      gatewayUrl: 'http://localhost:7008',
      bucketSeconds: 60,
      generation: expect.any(Number),
      ledger: { isReachable: true },
      reconciler: { failedRounds: 0, failing: [] },
    });
  });

  it('provisions an event type as soon as it is declared', async () => {
    await delivery.declare(eventType('shop.return'));
    await until(async () => {
      const snapshot = await readConfigSnapshot(delivery.ledger);
      return Boolean(
        snapshot?.eventTypes.some(({ name }) => name === 'shop.return'),
      );
    });
    const { body } = await api('get', '/event-types/shop.return');
    expect(body.conditions[1]).toMatchObject({
      type: 'Provisioned',
      reached: true,
    });
    expect(delivery.audited).toContainEqual({
      eventId: 'broker-resources-create',
      outcome: 'success',
      meta: {
        eventType: 'shop.return',
        topic: 'event.shop.return',
        subscription: 'event.shop.return.delivery',
      },
    });
  });

  it('tells its state, and what it cannot tell, while the ledger is away', async () => {
    delivery.line.cut();
    const status = await api('get', '/status');
    expect(status.status).toBe(200);
    expect(status.body).toMatchObject({
      ledger: { isReachable: false, message: expect.any(String) },
      gateways: [],
    });
    const overview = await api('get', '/overview');
    expect(overview.status).toBe(503);
    expect(overview.body.error.message).toContain('events keep flowing');

    delivery.line.mend();
    await until(async () => (await api('get', '/overview')).status === 200);
  });
});

import { TestDatabases } from '@backstage/backend-test-utils';
import {
  heartbeatWorker,
  joinConsumers,
  recordPoisonBatch,
  recordWaitingBuckets,
  registerGateway,
  requestRevision,
} from '@millrace/ledger';
import type { DeliveryOperations } from '@millrace/plugin-delivery-common';
import { bucketOf } from '@millrace/schema';
import type { Knex } from 'knex';
import { eventType } from '../__testUtils__/eventType';
import type { Identity } from '../__testUtils__/identities';
import { recordFinding } from '../__testUtils__/recordFinding';
import { sealPartition, stageEvents } from '../__testUtils__/sealPartition';
import {
  type RunningDelivery,
  startDelivery,
} from '../__testUtils__/startDelivery';
import { OperationsReader } from '../operations';

jest.setTimeout(60_000);

const minutesAgo = (n: number) =>
  bucketOf(new Date(Date.now() - n * 60_000), 60);
const SEALED = minutesAgo(8);
const WAITING = minutesAgo(7);
const STAGED = minutesAgo(6);

describe('how delivery stands, for who runs it', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let delivery: RunningDelivery;
  let operationId: string;

  beforeAll(async () => {
    delivery = await startDelivery({
      databases,
      eventTypes: [
        eventType('github.push'),
        eventType('shop.ship', 'group:default/shop'),
        eventType('secret.plan', 'group:default/shop'),
      ],
      hidden: ['secret.plan'],
    });
  });
  afterAll(() => delivery.stop());

  async function read(
    who: Identity = 'platform',
    query = '',
  ): Promise<DeliveryOperations> {
    const { status, body } = await delivery.api(
      'get',
      `/operations${query}`,
      who,
    );
    expect(status).toBe(200);
    return body;
  }
  const codesOf = ({ attention }: DeliveryOperations) =>
    attention.items.map(({ code }) => code);

  it('says first that nothing runs, and does not list what follows from that', async () => {
    await stageEvents(delivery.ledger, {
      eventType: 'github.push',
      bucket: STAGED,
      events: 12,
    });
    const operations = await read();
    expect(codesOf(operations)).toEqual(['no_worker', 'no_gateway']);
    expect(operations.attention.items[0]).toMatchObject({
      urgency: 'critical',
      what: 'No worker is alive',
      why: expect.stringContaining('Nothing is staged or sealed'),
    });
    expect(operations.eventTypes.items[0]).toMatchObject({
      eventType: 'github.push',
      consumption: 'unclaimed',
      staged: 12,
      due: 12,
      dueAgeMs: expect.any(Number),
    });
  });

  describe('once a gateway and a worker run', () => {
    beforeAll(async () => {
      const { ledger } = delivery;
      await registerGateway(ledger, {
        gateway: 'g',
        epoch: 'e',
        startedAt: SEALED.start,
        url: 'http://g',
        pid: 1,
        leaseMs: 600_000,
      });
      await heartbeatWorker(ledger, {
        worker: 'worker-1',
        startedAt: SEALED.start,
        pid: 1,
        generation: 1,
      });
      await ledger('workers').update({
        heartbeat_at: new Date(Date.now() + 600_000),
      });
      const session = '00000000-0000-4000-8000-0000000000aa';
      await joinConsumers(ledger, {
        worker: 'worker-1',
        session,
        leaseMs: 600_000,
        replace: true,
      });
      await ledger('consumption_leases').insert(
        ['github.push', 'shop.ship', 'secret.plan'].map(name => ({
          event_type: name,
          holder: session,
          fencing_token: 1,
          claimed_at: new Date(),
        })),
      );
      await ledger('gateways').update({ generation: 1 });
    });

    it('names events that are late and that no worker has decided about', async () => {
      const operations = await read();
      expect(operations.attention.items).toMatchObject([
        {
          code: 'bucket_unseen',
          eventType: 'github.push',
          what: expect.stringContaining('12 events of github.push are late'),
        },
      ]);
      expect(operations.processes).toMatchObject([
        { role: 'gateway', name: 'g', state: 'alive', isBehind: false },
        {
          role: 'worker',
          name: 'worker-1',
          state: 'alive',
          eventTypes: 3,
          leaseUntil: expect.any(String),
        },
      ]);
      expect(operations.eventTypes.items[0]).toMatchObject({
        consumption: 'consumed',
        consumer: { worker: 'worker-1' },
      });
    });

    it('puts what is urgent before what is to be decided, with why and since when', async () => {
      const { ledger, lakeRoot } = delivery;
      await recordWaitingBuckets(ledger, {
        worker: 'worker-1',
        buckets: ['github.push', 'secret.plan'].map(name => ({
          eventType: name,
          bucket: WAITING,
          decision: {
            rule: 'every-gateway-declared',
            verdict: 'blocked',
            reasons: [
              { code: 'batches_missing', message: 'Two are not staged yet' },
            ],
            inputs: { gateways: [{ declared: true, missingBatches: [1, 2] }] },
          },
        })),
      });
      for (const subscriptionType of ['github.push', 'shop.ship', undefined]) {
        await recordPoisonBatch(ledger, {
          subscription: `event.${subscriptionType}.delivery`,
          subscriptionType,
          messageId: '7',
          reason: 'unreadable_body',
          message: 'It is not zstd',
          attributes: {},
          data: Buffer.from('Jane Doe'),
          publishedAt: WAITING.start,
        });
      }
      await recordFinding(ledger, { eventType: 'shop.ship' });
      await sealPartition(ledger, lakeRoot, {
        eventType: 'shop.ship',
        bucket: SEALED,
        delivered: 1,
        latenessMs: 90_000,
      });
      operationId = '00000000-0000-4000-8000-000000000001';
      await requestRevision(ledger, {
        operationId,
        eventType: 'shop.ship',
        kind: 'redeliver',
        buckets: [SEALED.start],
        requestedBy: 'user:default/platform',
        now: new Date(),
      });
      await ledger('revision_operations').update({
        state: 'previewed',
        previewed_at: new Date(),
      });

      const operations = await read();
      expect(
        operations.attention.items.map(
          ({ urgency, code, eventType: name = '' }) =>
            `${urgency} ${code} ${name}`.trim(),
        ),
      ).toEqual([
        'critical bucket_waiting github.push',
        'critical bucket_waiting secret.plan',
        'warning poison',
        'warning audit_findings',
        'warning poison github.push',
        'warning poison shop.ship',
        'decision revision_undecided shop.ship',
      ]);
      expect(operations.attention.items[0]).toMatchObject({
        what: 'A bucket of github.push waits and is late',
        why: 'Two are not staged yet',
        bucketStart: WAITING.start.toISOString(),
        count: 1,
      });
      expect(operations.waiting).toMatchObject({
        total: 2,
        items: [{ isOverdue: true, isForced: false, isStale: false }, {}],
      });
      expect(operations.late).toMatchObject({
        total: 1,
        items: [
          { eventType: 'shop.ship', latenessMs: 90_000, objectiveMs: 60_000 },
        ],
      });
      expect(operations.revisions).toMatchObject([
        { operationId, state: 'previewed', buckets: 1 },
      ]);
      expect(operations.auditFindings).toEqual({ critical: 0, warnings: 1 });
      expect(operations.poison).toMatchObject({ total: 3, scope: 'all' });
      expect(JSON.stringify(operations)).not.toContain('Jane');
    });

    it('tells each caller what they may see, and no more', async () => {
      const owner = await read('owner');
      expect(JSON.stringify(owner)).not.toContain('secret');
      expect(owner.waiting.total).toBe(1);
      expect(owner.eventTypes.total).toBe(2);
      // Of its own type alone, and it may have that tried again.
      expect(owner.poison).toMatchObject({
        scope: 'own',
        total: 1,
        items: [{ eventType: 'github.push', mayRetry: true }],
      });
      const developer = await read('developer');
      expect(developer.poison).toEqual({ items: [], total: 0, scope: 'none' });
      expect(codesOf(developer)).not.toContain('poison');
      const stranger = await delivery.api('get', '/operations', 'stranger');
      expect(stranger.status).toBe(403);
      const platform = await read('platform');
      expect(
        platform.poison.items.find(item => item.eventType === undefined),
      ).toMatchObject({ mayRetry: false });
    });

    it('pages and searches event types, those in need of a look first', async () => {
      const first = await read('platform', '?limit=1');
      expect(first.eventTypes).toMatchObject({
        total: 3,
        items: [{ eventType: 'github.push', missingBatches: 2 }],
      });
      const found = await read('platform', '?search=SHIP');
      expect(found.eventTypes).toMatchObject({
        total: 1,
        items: [{ eventType: 'shop.ship' }],
      });
      const none = await read('platform', '?offset=9');
      expect(none.eventTypes).toEqual({ total: 3, items: [] });
      for (const bad of ['?limit=0', '?limit=2000', '?offset=-1', '?sort=x']) {
        const { status } = await delivery.api('get', `/operations${bad}`);
        expect(status).toBe(400);
      }
    });
  });

  it('asks the ledger as often for two thousand event types as for three', async () => {
    const { ledger } = delivery;
    const reader = new OperationsReader({
      ledger,
      reconciler: { status: () => ({ failedRounds: 0, failing: [] }) },
      latenessObjectivesMs: { critical: 1, normal: 1, low: 1 },
    });
    const count = async () => {
      const statements: string[] = [];
      const onQuery = ({ sql }: Knex.Sql) => statements.push(sql);
      ledger.on('query', onQuery);
      await reader.read({ mayRetry: () => false, offset: 0, limit: 50 });
      ledger.off('query', onQuery);
      return statements.length;
    };
    const before = await count();
    await ledger.raw(`
      INSERT INTO event_types (event_type, tier, provisioned_at, closed_through)
      SELECT 'type.' || n, 'low', now(), now() FROM generate_series(1, 2000) n`);
    await ledger.raw(`
      INSERT INTO waiting_buckets
        (event_type, bucket_start, bucket_seconds, decision, worker)
      SELECT 'type.' || n, now() - interval '1 day', 60, '{}', 'w'
      FROM generate_series(1, 2000) n`);
    expect(await count()).toBe(before);
    expect(before).toBeLessThan(15);
    const { eventTypes, waiting, attention } = await reader.read({
      mayRetry: () => false,
      offset: 0,
      limit: 50,
    });
    expect(eventTypes.total).toBeGreaterThan(2000);
    expect(waiting.items).toHaveLength(100);
    expect(attention.items).toHaveLength(100);
    expect(attention.total).toBeGreaterThan(2000 - 1);
  });
});

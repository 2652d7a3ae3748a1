import { TestDatabases } from '@backstage/backend-test-utils';
import {
  declareBucket,
  listPoisonBatches,
  recordPoisonBatch,
  recordWaitingBuckets,
  registerGateway,
} from '@millrace/ledger';
import type { BucketClosing } from '@millrace/plugin-delivery-common';
import { bucketEnd, bucketOf } from '@millrace/schema';
import { eventType } from '../__testUtils__/eventType';
import { type Identity, IDENTITIES } from '../__testUtils__/identities';
import { sealPartition } from '../__testUtils__/sealPartition';
import {
  type RunningDelivery,
  startDelivery,
} from '../__testUtils__/startDelivery';

jest.setTimeout(60_000);

const minutesAgo = (n: number) =>
  bucketOf(new Date(Date.now() - n * 60_000), 60);
const WAITING = minutesAgo(5);
const SEALED = minutesAgo(6);
const UNSEEN = minutesAgo(4);
const SILENT = minutesAgo(120);
const OPEN = minutesAgo(-2);

const EVERYONE: Identity[] = ['platform', 'owner', 'developer'];
const OWNERS: Identity[] = ['platform', 'owner'];
const PLATFORM: Identity[] = ['platform'];

const closing = (name = 'github.push') => `/event-types/${name}/closing`;
const at = (bucket: { start: Date }) =>
  `${closing()}/${bucket.start.toISOString()}`;
const ORDER = { reason: 'The gateway burned down' };

/** Which routes answer whom; nobody else. */
const MATRIX: [string, Identity[]][] = [
  [`GET ${closing()}`, EVERYONE],
  [`GET ${closing()}/WAITING`, EVERYONE],
  [`GET ${closing('secret.plan')}`, PLATFORM],
  [`GET ${closing('secret.plan')}/WAITING`, PLATFORM],
  [`POST ${closing()}/WAITING/force`, PLATFORM],
  ['GET /event-types/github.push/poison', OWNERS],
  ['GET /event-types/shop.ship/poison', PLATFORM],
  ['POST /event-types/github.push/poison/POISON/retry', OWNERS],
];

describe('what keeps buckets from being sealed', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let delivery: RunningDelivery;
  let poisonId: string;

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
    const { ledger, lakeRoot } = delivery;
    await ledger('event_types').update({ provisioned_at: SEALED.start });
    await sealPartition(ledger, lakeRoot, {
      eventType: 'github.push',
      bucket: SEALED,
      delivered: 1,
      latenessMs: 4_000,
    });
    await registerGateway(ledger, {
      gateway: 'g',
      epoch: 'e',
      startedAt: SEALED.start,
      url: 'http://g',
      pid: 1,
      leaseMs: 60_000,
    });
    await declareBucket(ledger, {
      gateway: 'g',
      epoch: 'e',
      bucket: WAITING,
      counts: [
        {
          eventType: 'github.push',
          lastBatch: 2,
          abandonedBatches: [],
          events: 20,
        },
      ],
    });
    await recordWaitingBuckets(ledger, {
      worker: 'worker-1',
      buckets: [
        {
          eventType: 'github.push',
          bucket: WAITING,
          decision: {
            rule: 'every-gateway-declared',
            verdict: 'blocked',
            reasons: [
              { code: 'batches_missing', message: 'Two are not staged yet' },
            ],
            inputs: {},
          },
        },
      ],
    });
    await recordPoisonBatch(ledger, {
      subscription: 'event.github.push.delivery',
      subscriptionType: 'github.push',
      messageId: '7',
      reason: 'unreadable_body',
      message: 'It is not zstd',
      attributes: {},
      data: Buffer.from('Jane Doe'),
      publishedAt: WAITING.start,
    });
    const { items } = await listPoisonBatches(ledger, {
      eventType: 'github.push',
      limit: 1,
    });
    poisonId = items[0].poisonId;
  });
  afterAll(() => delivery.stop());

  async function call(route: string, who: Identity, body: object = ORDER) {
    const [method, path] = route.split(' ');
    const url = path
      .replace('POISON', poisonId)
      .replace('WAITING', WAITING.start.toISOString());
    return method === 'GET'
      ? await delivery.api('get', url, who)
      : await delivery.api('post', url, who).send(body);
  }

  const cases = (isAllowed: boolean) =>
    MATRIX.flatMap(([route, allowed]) =>
      IDENTITIES.filter(who => allowed.includes(who) === isAllowed).map(
        who => [route, who] as const,
      ),
    );

  it.each(cases(false))('%s refuses %s', async (route, who) => {
    const answer = await call(route, who);
    expect(answer.status).toBe(403);
    expect(answer.text).not.toContain('Two are not staged');
  });

  const read = async (bucket: { start: Date }): Promise<BucketClosing> =>
    (await delivery.api('get', at(bucket), 'developer')).body;

  it('says why a bucket waits, who decided so, and what is missing at this moment', async () => {
    await expect(read(WAITING)).resolves.toEqual({
      eventType: 'github.push',
      bucketStart: WAITING.start.toISOString(),
      bucketEnd: bucketEnd(WAITING).toISOString(),
      state: 'waiting',
      message: 'It waits: Two are not staged yet',
      decision: expect.objectContaining({ verdict: 'blocked' }),
      waiting: {
        since: expect.any(String),
        decidedAt: expect.any(String),
        worker: 'worker-1',
        isStale: false,
      },
      missing: {
        eventsAtMost: 20,
        gateways: [
          {
            gateway: 'g',
            epoch: 'e',
            declared: true,
            batches: [1, 2],
            abandonedBatches: [],
            eventsAtMost: 20,
          },
        ],
      },
    });
    const { body } = await delivery.api('get', closing(), 'developer');
    expect(body.items).toMatchObject([
      { bucketStart: WAITING.start.toISOString(), isForced: false },
    ]);
  });

  it.each([
    ['sealed', SEALED],
    ['unseen', UNSEEN],
    ['open', OPEN],
    ['nothing-owed', SILENT],
  ])('answers for a bucket that is %s', async (state, bucket) => {
    await expect(read(bucket)).resolves.toMatchObject({
      state,
      message: expect.stringMatching(/^(It|The|No) /),
    });
  });

  it('says so when the word of the workers is old', async () => {
    await delivery.ledger('waiting_buckets').update({
      decided_at: new Date(Date.now() - 10 * 60_000),
    });
    await expect(read(WAITING)).resolves.toMatchObject({
      waiting: { isStale: true },
      message: expect.stringContaining('No worker has decided'),
    });
  });

  it('counts what is overdue against the tier', async () => {
    const { body } = await delivery.api('get', '/overview', 'developer');
    expect(body.tiers).toEqual([
      {
        tier: 'normal',
        objectiveMs: 60_000,
        eventTypes: 2,
        sealed: 1,
        onTime: 1,
        overdue: 1,
        attainment: 0.5,
      },
    ]);
    expect(body.items[0]).toMatchObject({ objectiveMs: 60_000 });
  });

  it('closes by force only with a reason, and only what waits', async () => {
    const force = (bucket: { start: Date }, body: object) =>
      call(`POST ${at(bucket)}/force`, 'platform', body);
    expect((await force(WAITING, {})).status).toBe(400);
    expect((await force(WAITING, { reason: '  because  ' })).status).toBe(400);
    expect((await force(SEALED, ORDER)).status).toBe(409);
    expect((await force(OPEN, ORDER)).status).toBe(409);

    const { status, body } = await force(WAITING, ORDER);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      state: 'waiting',
      forced: {
        ...ORDER,
        requestedBy: 'user:default/platform',
        missing: { eventsAtMost: 20, gateways: [{ gateway: 'g' }] },
      },
    });
  });

  it('audits orders, done and refused, with the reason and what was missing', () => {
    const entries = delivery.audited.filter(
      ({ eventId }) => eventId === 'bucket-force-close',
    );
    expect(entries.filter(({ outcome }) => outcome === 'success')).toEqual([
      {
        eventId: 'bucket-force-close',
        outcome: 'success',
        meta: {
          eventType: 'github.push',
          bucketStart: WAITING.start.toISOString(),
          ...ORDER,
          gateways: 1,
          eventsAtMost: 20,
        },
      },
    ]);
    // Three who may not, of those who may see the type, and four bad orders.
    expect(
      entries.filter(({ outcome }) => outcome === 'fail').length,
    ).toBeGreaterThanOrEqual(6);
  });

  it('lists what was set aside without its content, and has it tried again', async () => {
    const url = '/event-types/github.push/poison';
    const before = await delivery.api('get', url, 'owner');
    expect(before.body).toMatchObject({
      open: [{ reason: 'unreadable_body', count: 1 }],
      items: [{ poisonId, messageId: '7', bytes: 8, attempts: 1 }],
    });
    expect(before.text).not.toContain('Jane');

    const retry = (id: string, type = 'github.push') =>
      delivery.api('post', `/event-types/${type}/poison/${id}/retry`, 'owner');
    expect((await retry('no-id')).status).toBe(404);
    expect((await retry('00000000-0000-4000-8000-000000000000')).status).toBe(
      404,
    );
    expect((await retry(poisonId)).status).toBe(202);
    const after = await delivery.api('get', url, 'owner');
    expect(after.body.items).toMatchObject([
      { retry: { requestedBy: 'user:default/owner' } },
    ]);
    expect(
      delivery.audited.filter(
        ({ eventId, outcome }) =>
          eventId === 'poison-batch-retry' && outcome === 'success',
      ),
    ).toMatchObject([{ meta: { eventType: 'github.push', poisonId } }]);
  });

  it.each(cases(true))('%s answers %s', async (route, who) => {
    expect([200, 202]).toContain((await call(route, who)).status);
  });
});

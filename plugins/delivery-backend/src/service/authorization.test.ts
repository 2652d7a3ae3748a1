import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import { deliveryPermissions } from '@millrace/plugin-delivery-common';
import { bucketOf } from '@millrace/schema';
import request from 'supertest';
import { eventType } from '../__testUtils__/eventType';
import { recordFinding } from '../__testUtils__/recordFinding';
import { type Identity, IDENTITIES } from '../__testUtils__/identities';
import { sealPartition } from '../__testUtils__/sealPartition';
import {
  type RunningDelivery,
  startDelivery,
} from '../__testUtils__/startDelivery';

jest.setTimeout(60_000);

const nameOf = (named: { name: string }) => named.name;

let producers = 0;
const uniqueProducer = () => `producer-${++producers}`;

const BUCKET = bucketOf(new Date(Date.now() - 5 * 60_000), 60);

const EVERYONE: Identity[] = ['platform', 'owner', 'developer'];
const OWNERS: Identity[] = ['platform', 'owner'];
const PLATFORM: Identity[] = ['platform'];

/** Which routes answer whom; nobody else. */
const MATRIX: [string, Identity[]][] = [
  ['GET /status', EVERYONE],
  ['GET /overview', EVERYONE],
  ['GET /operations', EVERYONE],
  ['GET /rollouts', PLATFORM],
  ['GET /event-types/github.push/footprint', EVERYONE],
  ['GET /event-types/secret.plan/footprint', PLATFORM],
  ['GET /event-types/github.push', EVERYONE],
  ['GET /event-types/github.push/ledger', EVERYONE],
  ['GET /event-types/github.push/partitions', EVERYONE],
  ['GET /event-types/github.push/partitions/BUCKET', EVERYONE],
  ['GET /event-types/github.push/partitions/BUCKET/rows', OWNERS],
  ['GET /event-types/github.push/completeness', EVERYONE],
  ['GET /event-types/github.push/completeness/2026-11-21', EVERYONE],
  ['GET /event-types/github.push/books', EVERYONE],
  ['GET /event-types/github.push/books/BUCKET', EVERYONE],
  ['GET /event-types/github.push/producers', EVERYONE],
  ['GET /event-types/secret.plan/completeness', PLATFORM],
  ['GET /event-types/secret.plan/completeness/2026-11-21', PLATFORM],
  ['GET /event-types/secret.plan/books', PLATFORM],
  ['GET /event-types/secret.plan/books/BUCKET', PLATFORM],
  ['GET /event-types/secret.plan/producers', PLATFORM],
  ['GET /datasets/github.push/partitions', OWNERS],
  ['GET /datasets/github.push/partitions/BUCKET', OWNERS],
  ['GET /datasets/github.push/partitions/BUCKET/manifest', OWNERS],
  ['GET /datasets/github.push/partitions/BUCKET/files/FILE', OWNERS],
  ['GET /datasets/shop.ship/partitions', PLATFORM],
  ['GET /datasets/secret.plan/partitions', PLATFORM],
  ['GET /event-types/github.push/refused', OWNERS],
  ['GET /event-types/shop.ship/refused', PLATFORM],
  ['GET /event-types/github.push/test-events', OWNERS],
  ['GET /event-types/shop.ship/test-events', PLATFORM],
  ['GET /event-types/secret.plan', PLATFORM],
  ['GET /event-types/secret.plan/partitions', PLATFORM],
  ['GET /audit/coverage', EVERYONE],
  ['GET /audit/findings', EVERYONE],
  ['GET /audit/findings/FINDING', EVERYONE],
  ['GET /audit/findings/SECRET-FINDING', PLATFORM],
  ['POST /audit/findings/FINDING/acknowledge', OWNERS],
  ['POST /audit/findings/SECRET-FINDING/acknowledge', PLATFORM],
  ['GET /event-types/github.push/audits', EVERYONE],
  ['GET /event-types/secret.plan/audits', PLATFORM],
  ['GET /refused', PLATFORM],
  ['GET /write-keys', EVERYONE],
  ['POST /write-keys github.push', OWNERS],
  ['POST /write-keys shop.ship', PLATFORM],
  ['POST /write-keys', PLATFORM],
  ['DELETE /write-keys/KEY', PLATFORM],
  ['POST /write-keys/KEY/rotate', PLATFORM],
  ['POST /write-keys/KEY/expiry', PLATFORM],
];

describe('who may do what', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let delivery: RunningDelivery;
  let file = '';
  let finding: string;
  let secretFinding: string;

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
    await sealPartition(delivery.ledger, delivery.lakeRoot, {
      eventType: 'github.push',
      bucket: BUCKET,
      delivered: 1,
      latenessMs: 1,
    });
    finding = await recordFinding(delivery.ledger, {
      eventType: 'github.push',
    });
    secretFinding = await recordFinding(delivery.ledger, {
      eventType: 'secret.plan',
    });
  });
  beforeAll(async () => {
    const { body } = await delivery.api(
      'get',
      `/datasets/github.push/partitions/${BUCKET.start.toISOString()}`,
    );
    file = body.partition.files[0].name;
  });
  afterAll(() => delivery.stop());

  async function call(route: string, who: Identity) {
    const [method, path, wanted] = route.split(' ');
    const { body: key } = path.includes('KEY')
      ? await delivery.api('post', '/write-keys', 'platform').send({
          name: 'to be revoked',
          producer: uniqueProducer(),
        })
      : { body: {} };
    const url = path
      .replace('BUCKET', BUCKET.start.toISOString())
      .replace('FILE', file)
      .replace('SECRET-FINDING', secretFinding)
      .replace('FINDING', finding)
      .replace('KEY', key.keyId);
    switch (method) {
      case 'GET':
        return await delivery.api('get', url, who);
      case 'POST':
        if (path.endsWith('/acknowledge')) {
          return await delivery.api('post', url, who).send({ why: 'seen to' });
        }
        return await delivery.api('post', url, who).send(
          key.keyId
            ? {}
            : {
                name: 'matrix',
                producer: uniqueProducer(),
                eventTypes: wanted ? [wanted] : undefined,
              },
        );
      default:
        return await delivery.api('delete', url, who);
    }
  }

  const cases = (isAllowed: boolean) =>
    MATRIX.flatMap(([route, allowed]) =>
      IDENTITIES.filter(who => allowed.includes(who) === isAllowed).map(
        who => [route, who] as const,
      ),
    );

  it.each(cases(true))('%s answers %s', async (route, who) => {
    const { status } = await call(route, who);
    expect([200, 201, 204]).toContain(status);
  });

  it.each(cases(false))('%s refuses %s', async (route, who) => {
    const { status } = await call(route, who);
    expect(status).toBe(403);
  });

  it('answers nobody who has not signed in', async () => {
    const urls = [
      '/status',
      '/overview',
      '/refused',
      '/write-keys',
      '/datasets/github.push/partitions',
    ];
    for (const url of urls) {
      const { status } = await request(delivery.server)
        .get(`/api/delivery${url}`)
        .set('Authorization', mockCredentials.none.header());
      expect(status).toBe(401);
    }
  });

  it('declares its permissions and its rule to the permission system', async () => {
    const { body } = await request(delivery.server).get(
      '/api/delivery/.well-known/backstage/permissions/metadata',
    );
    expect(body.permissions.map(nameOf).sort()).toEqual(
      deliveryPermissions.map(({ name }) => name).sort(),
    );
    expect(body.rules).toMatchObject([
      { name: 'IS_OWNER', resourceType: 'data-endpoint' },
    ]);
    const applied = await request(delivery.server)
      .post('/api/delivery/.well-known/backstage/permissions/apply-conditions')
      .set('Authorization', mockCredentials.service.header())
      .send({
        items: ['github.push', 'shop.ship', 'no.such'].map(name => ({
          id: name,
          resourceRef: name,
          resourceType: 'data-endpoint',
          conditions: {
            rule: 'IS_OWNER',
            resourceType: 'data-endpoint',
            params: { claims: ['group:default/webhooks'] },
          },
        })),
      });
    expect(applied.body.items).toMatchObject([
      { id: 'github.push', result: 'ALLOW' },
      { id: 'shop.ship', result: 'DENY' },
      { id: 'no.such', result: 'DENY' },
    ]);
  });
});

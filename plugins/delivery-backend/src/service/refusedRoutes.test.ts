import { TestDatabases } from '@backstage/backend-test-utils';
import { recordRefusedEvents } from '@millrace/ledger';
import { eventType } from '../__testUtils__/eventType';
import { type Identity, IDENTITIES } from '../__testUtils__/identities';
import {
  type RunningDelivery,
  startDelivery,
} from '../__testUtils__/startDelivery';

jest.setTimeout(60_000);

const OWN = 'ffffffff-ffff-ffff-ffff-000000000001';
const OTHER = 'ffffffff-ffff-ffff-ffff-000000000002';
const UNKNOWN = 'ffffffff-ffff-ffff-ffff-000000000003';

const EVERYONE: Identity[] = ['platform', 'owner', 'developer'];
const OWNERS: Identity[] = ['platform', 'owner'];
const PLATFORM: Identity[] = ['platform'];

const SELECTION = { selection: { refusalIds: [OWN] } };
const PREVIEW = { ...SELECTION, fix: [] };

/** Which routes answer whom; nobody else. */
const MATRIX: [string, Identity[], object?][] = [
  ['GET /event-types/github.push/refused', OWNERS],
  ['GET /event-types/github.push/refused?eventId=e', OWNERS],
  ['GET /event-types/github.push/refused/groups', EVERYONE],
  [`GET /event-types/github.push/refused/${OWN}`, OWNERS],
  ['GET /event-types/shop.ship/refused', PLATFORM],
  [`GET /event-types/shop.ship/refused/${OTHER}`, PLATFORM],
  ['GET /event-types/secret.plan/refused/groups', PLATFORM],
  ['GET /refused?eventId=e', PLATFORM],
  [`GET /refused/${UNKNOWN}`, PLATFORM],
  ['POST /event-types/github.push/replays/preview', OWNERS, PREVIEW],
  ['POST /event-types/shop.ship/replays/preview', PLATFORM, PREVIEW],
  ['GET /event-types/github.push/replays', OWNERS],
  ['GET /event-types/shop.ship/replays', PLATFORM],
];

describe('refused events and replays', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let delivery: RunningDelivery;

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
    const refusal = (refusalId: string, type: string) => ({
      refusalId,
      eventType: type,
      eventId: `e-${refusalId.slice(-1)}`,
      source: '/test',
      reason: 'wrong_type',
      pointer: '/data/jane@example.com/0/n',
      message: 'must be long',
      receivedAt: new Date().toISOString(),
      writeKeyId: 'key',
      event: `{"id":"${refusalId}","data":{"name":"Jane Doe"}}`,
    });
    await recordRefusedEvents(delivery.ledger, {
      events: [
        refusal(OWN, 'github.push'),
        refusal(OTHER, 'shop.ship'),
        refusal(UNKNOWN, 'no.such'),
      ],
    });
  });
  afterAll(() => delivery.stop());

  async function call(route: string, who: Identity, body?: object) {
    const [method, url] = route.split(' ');
    const answer = delivery.api(method === 'GET' ? 'get' : 'post', url, who);
    return body ? await answer.send(body) : await answer;
  }

  const cases = (isAllowed: boolean) =>
    MATRIX.flatMap(([route, allowed, body]) =>
      IDENTITIES.filter(who => allowed.includes(who) === isAllowed).map(
        who => [route, who, body] as const,
      ),
    );

  it.each(cases(true))('%s answers %s', async (route, who, body) => {
    expect((await call(route, who, body)).status).toBe(200);
  });

  it.each(cases(false))('%s refuses %s', async (route, who, body) => {
    const answer = await call(route, who, body);
    expect(answer.status).toBe(403);
    expect(answer.text).not.toContain('Jane');
  });

  it('shows who may only see delivery how many, and nothing of what they hold', async () => {
    const url = '/event-types/github.push/refused/groups';
    const { body: full } = await delivery.api('get', url, 'owner');
    expect(full).toMatchObject({
      detail: 'full',
      items: [{ field: '/data/jane@example.com/*/n', sampleRefusalId: OWN }],
    });
    const { body: counts } = await delivery.api('get', url, 'developer');
    expect(counts).toEqual({
      detail: 'counts',
      since: expect.any(String),
      total: 1,
      items: [
        {
          reason: 'wrong_type',
          count: 1,
          seenCount: 1,
          replayed: 0,
          firstSeenAt: expect.any(String),
          lastSeenAt: expect.any(String),
          writeKeys: [],
        },
      ],
    });
  });

  it('gives the content of one event at a time, and the audit log says to whom', async () => {
    const url = `/event-types/github.push/refused/${OWN}`;
    const { body, headers } = await delivery.api('get', url);
    expect(body).toMatchObject({
      refusalId: OWN,
      event: expect.stringContaining('Jane Doe'),
    });
    expect(headers['cache-control']).toBe('no-store');
    expect(delivery.audited).toContainEqual({
      eventId: 'refused-event-read',
      meta: { refusalId: OWN, eventType: 'github.push', queryType: 'by-id' },
      outcome: 'success',
    });
    // Not through a type one may read.
    const through = `/event-types/github.push/refused/${OTHER}`;
    expect((await delivery.api('get', through)).status).toBe(404);
    for (const list of ['/event-types/github.push/refused', '/refused']) {
      const { text } = await delivery.api('get', list, 'platform');
      expect(text).not.toContain('Jane Doe');
    }
  });

  describe('POST /event-types/:name/replays', () => {
    const replay = (body: object, who: Identity = 'owner') =>
      delivery
        .api('post', '/event-types/github.push/replays', who)
        .send({ ...SELECTION, fix: [], reason: 'a test', ...body });

    it.each(['developer', 'stranger'] as const)('refuses %s', async who => {
      expect((await replay({}, who)).status).toBe(403);
    });

    it('needs the permission for every type the events become', async () => {
      const fix = [{ op: 'setType', eventType: 'shop.ship' }];
      expect((await replay({ fix })).status).toBe(403);
      const hidden = [{ op: 'setType', eventType: 'secret.plan' }];
      expect((await replay({ fix: hidden })).status).toBe(403);
      const unknown = [{ op: 'setType', eventType: 'no.such' }];
      expect((await replay({ fix: unknown }, 'platform')).status).toBe(404);
      expect(delivery.audited).toContainEqual({
        eventId: 'refused-events-replay',
        meta: { eventType: 'github.push' },
        outcome: 'fail',
      });
    });

    it.each<[object, string]>([
      [{ reason: ' ' }, 'reason'],
      [{ selection: { refusalIds: [] } }, 'selection'],
      [{ selection: { refusalIds: ['x'] } }, 'selection'],
      [{ selection: { everything: true } }, 'selection'],
      [{ fix: [{ op: 'eval', code: '1' }] }, 'fix.0'],
      [{ fix: [{ op: 'remove', pointer: 'data' }] }, 'JSON pointer'],
      [{ fix: [{ op: 'remove', pointer: '' }] }, 'JSON pointer'],
      [{ fix: [{ op: 'remove', pointer: '/a~2' }] }, 'JSON pointer'],
      [{ fix: [{ op: 'set', pointer: '/type', value: 'x' }] }, 'setType'],
      [{ fix: [{ op: 'rename', pointer: '/a', to: '/type' }] }, 'setType'],
      [{ fix: [{ op: 'set', pointer: '/id', value: 'x' }] }, 'same id'],
      [{ fix: [{ op: 'set', pointer: '/a' }] }, 'fix.0'],
      [{ fix: [{ op: 'setType', eventType: '../x' }] }, 'event type'],
      [
        { fix: [{ op: 'rename', pointer: '/a/*/b', to: '/c/*/b' }] },
        'same beginning',
      ],
      [{ fix: Array(21).fill({ op: 'remove', pointer: '/a' }) }, 'fix'],
    ])('says what is wrong with %j', async (body, what) => {
      const answer = await replay(body);
      expect(answer.status).toBe(400);
      expect(answer.body.error.message).toContain(what);
    });

    it('takes an event once, and says so the second time', async () => {
      const { status, body } = await replay({});
      expect([status, body]).toEqual([
        201,
        expect.objectContaining({
          eventType: 'github.push',
          reason: 'a test',
          requestedBy: 'user:default/owner',
          fix: [],
        }),
      ]);
      expect(body.counts.selected).toBe(1);
      const again = await replay({});
      expect(again.status).toBe(400);
      expect(again.body.error.message).toContain('nothing to replay');

      const { body: list } = await delivery.api(
        'get',
        '/event-types/github.push/replays',
      );
      expect(list.items).toHaveLength(1);
      const of = (name: string) =>
        delivery.api(
          'get',
          `/event-types/${name}/replays/${body.replayId}`,
          'platform',
        );
      expect((await of('github.push')).status).toBe(200);
      expect((await of('shop.ship')).status).toBe(404);
    });
  });
});

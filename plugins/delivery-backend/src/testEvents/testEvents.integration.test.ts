import { TestDatabases } from '@backstage/backend-test-utils';
import type {
  TestEvent,
  TestEventList,
  WriteKey,
} from '@millrace/plugin-delivery-common';
import { eventType } from '../__testUtils__/eventType';
import type { Identity } from '../__testUtils__/identities';
import {
  type RunningPipeline,
  startPipeline,
} from '../__testUtils__/startPipeline';
import { until } from '../__testUtils__/until';

jest.setTimeout(180_000);

const TYPE = 'shop.order';

/** Through HTTP, gateway, broker, worker and lake, all real. */
describe('test events', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let pipeline: RunningPipeline;

  beforeAll(async () => {
    pipeline = await startPipeline({
      databases,
      eventTypes: [TYPE],
      bucketSeconds: 10,
      gateways: ['gateway-1'],
    });
    await pipeline.startWorker();
  });
  afterAll(() => pipeline?.stop());

  const post = (body: object, as: Identity = 'owner', type: string = TYPE) =>
    pipeline.delivery
      .api('post', `/event-types/${type}/test-events`, as)
      .send(body);

  const send = async (data: string): Promise<TestEvent> => {
    const { status, body } = await post({ data });
    expect([status, body]).toEqual([201, expect.anything()]);
    return body;
  };

  async function when(
    { testEventId }: TestEvent,
    isSo: (event: TestEvent) => boolean,
  ): Promise<TestEvent> {
    let event: TestEvent | undefined;
    await until(async () => {
      const { body } = await pipeline.delivery.api(
        'get',
        `/event-types/${TYPE}/test-events/${testEventId}`,
      );
      event = body;
      return isSo(body);
    }, 90_000);
    return event!;
  }

  const isAnswered = ({ state }: TestEvent) => state !== 'sending';
  const isSealed = ({ state }: TestEvent) => state === 'sealed';

  it('are accepted by the gateway, and followed into the partition that holds them, marked', async () => {
    const sent = await send('{"n": 9007199254740991}');
    expect(sent).toMatchObject({
      eventType: TYPE,
      state: 'sending',
      source: '/millrace/test-events',
      requestedBy: 'user:default/owner',
    });
    const accepted = await when(sent, isAnswered);
    expect(['accepted', 'staged']).toContain(accepted.state);
    expect(accepted).toMatchObject({
      receipt: expect.any(String),
      acceptedAt: expect.any(String),
      expected: { by: expect.any(String) },
    });

    const { stagedAt, landed } = await when(sent, isSealed);
    expect(stagedAt).toEqual(expect.any(String));
    expect(landed).toMatchObject({ revision: 1 });
    const { body: page } = await pipeline.delivery.api(
      'get',
      `/event-types/${TYPE}/partitions/${landed!.bucketStart}/rows?limit=1000`,
    );
    const at = (column: string) =>
      page.columns.findIndex(({ name }: { name: string }) => name === column);
    const row = page.rows.find(
      (cells: unknown[]) => cells[at('_id')] === sent.testEventId,
    );
    expect(row[at('_source')]).toBe('/millrace/test-events');
    expect(String(row[at('n')])).toBe('9007199254740991');
  });

  it('that do not fit are refused with code and pointer, and kept among the refused events', async () => {
    const sent = await send('{"n": "many"}');
    const refused = await when(sent, isAnswered);
    expect(refused).toMatchObject({
      state: 'refused',
      refusal: {
        stage: 'gateway',
        reason: 'wrong_type',
        pointer: '/data/n',
        message: expect.any(String),
      },
    });
    expect(JSON.stringify(refused)).not.toContain('many');
    const { refusal } = await when(
      sent,
      event => event.refusal?.refusalId !== undefined,
    );
    const { body } = await pipeline.delivery.api(
      'get',
      `/event-types/${TYPE}/refused/${refusal!.refusalId}`,
    );
    expect(body).toMatchObject({ eventId: sent.testEventId });
  });

  it('are judged by their own text: what the portal would round is refused', async () => {
    const refused = await when(
      await send('{"n": 9007199254740993}'),
      isAnswered,
    );
    expect(refused.refusal?.reason).toBe('number_out_of_range');
  });

  it('leave a write key that works no longer, and an audit entry without data', async () => {
    const sent = await send('{"n": 4711}');
    await when(sent, isAnswered);
    const { body: keys } = await pipeline.delivery.api('get', '/write-keys');
    const name = `Test event ${sent.testEventId}`;
    const key = keys.items.find((item: WriteKey) => item.name === name);
    expect(key).toMatchObject({
      state: 'revoked',
      purpose: 'test-event',
      eventTypes: [TYPE],
    });
    const entry = pipeline.delivery.audited.find(
      ({ meta }) => meta.testEventId === sent.testEventId,
    );
    expect(entry).toMatchObject({
      eventId: 'test-event-send',
      outcome: 'success',
      meta: { eventType: TYPE, keyId: key.keyId },
    });
    expect(JSON.stringify(pipeline.delivery.audited)).not.toContain('4711');
    const { body: list }: { body: TestEventList } = await pipeline.delivery.api(
      'get',
      `/event-types/${TYPE}/test-events`,
    );
    expect(list.items[0].testEventId).toBe(sent.testEventId);
  });

  it('are for the owners and the platform team; a refusal is audited', async () => {
    const url = `/event-types/${TYPE}/test-events`;
    for (const as of ['developer', 'stranger'] as const) {
      const answer = await post({ data: '{"n":1}' }, as);
      expect(answer.status).toBe(403);
      const list = await pipeline.delivery.api('get', url, as);
      expect(list.status).toBe(403);
    }
    expect(pipeline.delivery.audited).toContainEqual(
      expect.objectContaining({ eventId: 'test-event-send', outcome: 'fail' }),
    );
    const answer = await post({ data: '{"n":1}' }, 'platform');
    expect(answer.status).toBe(201);
  });

  it.each([
    ['no text', { data: { n: 1 } }],
    ['no JSON', { data: '{"n": secret' }],
    ['no object', { data: '[1]' }],
    ['more than data', { data: '{}', source: '/production' }],
    ['a way out of the envelope', { data: '{}, "source": "/production"' }],
  ])(
    'are not taken with %s, and the answer quotes nothing',
    async (_, body) => {
      const answer = await post(body);
      expect(answer.status).toBe(400);
      expect(answer.text).not.toContain('secret');
      expect(answer.text).not.toContain('/production');
    },
  );

  it('have to wait until the event type is provisioned', async () => {
    const { delivery } = pipeline;
    await delivery.declare(eventType('shop.fresh', 'group:default/webhooks'));
    await until(async () => {
      const { status } = await post({ data: '{"n":1}' }, 'owner', 'shop.fresh');
      expect([201, 409]).toContain(status);
      return status === 201;
    });
    const unknown = await post({ data: '{}' }, 'owner', 'shop.unheard');
    expect(unknown.status).toBe(404);
  });
});

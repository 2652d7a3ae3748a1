import { gzipSync, zstdCompressSync } from 'node:zlib';
import { ANY_KEY, STRANGER_KEY, silentLogger } from '../__testUtils__/fixtures';
import { compiledSnapshot } from '../__testUtils__/compiledSnapshot';
import { FakeBroker } from '../__testUtils__/fakeBroker';
import { createTestIntake } from '../__testUtils__/testIntake';
import { createAccess, DEFAULT_ACCESS_LIMITS } from '../access';
import { systemClock } from '../clock';
import { HttpServer, InFlightBytes, startHttpServer } from '../http';
import { createTakeEvents, Intake } from '../intake';
import {
  APP_KEY,
  borrowedSnapshot,
  SHOP_KEY,
} from './__testUtils__/borrowedSnapshot';
import { createBorrowedRoutes } from './createBorrowedRoutes';

const SECRET = 'correct-horse-battery';

const basic = (key: string) =>
  `Basic ${Buffer.from(`${key}:`).toString('base64')}`;

const track = (overrides: object = {}) => ({
  type: 'track',
  event: 'Order Completed',
  messageId: 'm-1',
  userId: 'u-1',
  timestamp: '2026-11-21T12:00:00.000Z',
  properties: { orderId: 'o-1', total: 12.5 },
  context: { library: { name: 'test' } },
  ...overrides,
});

describe('routes for borrowed clients', () => {
  let broker: FakeBroker;
  let intake: Intake;
  let server: HttpServer;

  beforeEach(async () => {
    broker = new FakeBroker();
    const snapshot = compiledSnapshot(borrowedSnapshot());
    intake = {
      ...createTestIntake({
        broker,
        limits: { maxEventsPerRequest: 50, maxBodyBytes: 1_000_000 },
      }),
      snapshot: () => snapshot,
      access: createAccess({
        snapshot: () => snapshot,
        clock: systemClock,
        limits: DEFAULT_ACCESS_LIMITS,
      }),
    };
    server = await startHttpServer({
      host: '127.0.0.1',
      port: 0,
      limits: { ...intake.limits, drainTimeoutMs: 100 },
      logger: silentLogger,
      routes: createBorrowedRoutes({
        access: intake.access,
        takeEvents: createTakeEvents(intake),
        limits: intake.limits,
      }),
      addressOf: peer => peer,
      inFlight: new InFlightBytes(intake.limits),
      onAnswer: () => {},
    });
  });
  afterEach(() => server.stop());

  async function post(
    path: string,
    body: unknown,
    headers: Record<string, string> = { authorization: basic(APP_KEY) },
  ) {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      method: 'POST',
      headers,
      body:
        typeof body === 'string' || body instanceof Uint8Array
          ? body
          : JSON.stringify(body),
      redirect: 'manual',
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: JSON.parse(text),
    };
  }

  const stored = () =>
    broker.batches.flatMap(({ header, events }) =>
      events.map(event => ({ type: header.eventType, ...event })),
    );

  it('stores the calls of a batch as events of the types they are mapped to', async () => {
    const { status, body } = await post('/v1/batch', {
      batch: [
        track({
          integrations: {},
          sentAt: '2026-11-21T12:00:01.000Z',
          _metadata: { nodeVersion: '24' },
          channel: 'server',
        }),
        {
          type: 'identify',
          messageId: 'm-2',
          userId: 'u-1',
          originalTimestamp: '2026-11-21T12:00:00.000Z',
          traits: { plan: 'pro' },
        },
      ],
      sentAt: '2026-11-21T12:00:01.000Z',
    });

    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      receipt: expect.stringMatching(/^[0-9a-f-]{36}$/),
      accepted: 2,
      refused: 0,
      failed: [],
    });
    expect(stored()).toEqual([
      expect.objectContaining({
        type: 'app.order_completed',
        id: 'm-1',
        source: '/clients/app',
        time: '2026-11-21T12:00:00.000Z',
        data: {
          event: 'Order Completed',
          userId: 'u-1',
          properties: { orderId: 'o-1', total: 12.5 },
          context: { library: { name: 'test' } },
        },
      }),
      expect.objectContaining({
        type: 'app.identify',
        id: 'm-2',
        time: '2026-11-21T12:00:00.000Z',
        data: { userId: 'u-1', traits: { plan: 'pro' } },
      }),
    ]);
  });

  it('keeps what it refuses, says why, and answers 200 all the same', async () => {
    const calls = [
      track({ messageId: 'a' }),
      track({ messageId: 'b', properties: { orderId: SECRET, total: SECRET } }),
      track({ messageId: 'c', event: 'Unheard Of' }),
      track({ messageId: 'd', event: '订单' }),
      track({ messageId: 'e', event: undefined }),
      { type: 'metrics', messageId: 'f' },
      'no call',
      track({ messageId: 'g', surprise: SECRET }),
      track({
        messageId: 'h',
        integrations: { Millrace: { eventType: 'app.identify' } },
      }),
    ];
    const { status, body, text } = await post('/v1/batch', { batch: calls });

    expect(status).toBe(200);
    expect(text).not.toContain(SECRET);
    expect(body).toMatchObject({ success: true, accepted: 1, refused: 8 });
    const reasons = [
      ['b', 'wrong_type', '/data/properties/total'],
      ['c', 'event_type_unknown', '/type'],
      ['d', 'unmapped', '/event'],
      ['e', 'unmapped', '/event'],
      ['f', 'unmapped', '/type'],
      [undefined, 'unmapped', undefined],
      ['g', 'unknown_field', '/data/surprise'],
      ['h', 'unknown_field', expect.any(String)],
    ];
    expect(
      body.failed.map((each: Record<string, unknown>) => [
        each.id,
        each.reason,
        each.pointer,
      ]),
    ).toEqual(reasons);
    const kept = new Map(
      broker.refusals.map(({ eventId, reason, event }) => [
        eventId,
        { reason, event: JSON.parse(event) },
      ]),
    );
    expect([...kept].map(([id, { reason }]) => [id, reason]).sort()).toEqual(
      reasons.map(([id, reason]) => [id, reason]).sort(),
    );
    // Kept as the event it would have been, ready to be mended and replayed.
    expect(kept.get('b')?.event).toMatchObject({
      specversion: '1.0',
      id: 'b',
      type: 'app.order_completed',
      data: { properties: { orderId: SECRET, total: SECRET } },
    });
    expect(kept.get('d')?.event).toEqual(
      expect.not.objectContaining({ type: expect.anything() }),
    );
    expect(kept.get('d')?.event).toMatchObject({
      id: 'd',
      data: { event: '订单' },
    });
    expect(kept.get(undefined)?.event).toBe('no call');
  });

  it.each([
    ['a name twice', '{"a":1,"a":2}', 'duplicate_name'],
    ['a number that loses digits', '9007199254740993', 'number_out_of_range'],
    ['a forbidden name', '{"__proto__":{"x":1}}', 'forbidden_name'],
    ['half a character', '"\\ud800"', 'invalid_text'],
    ['a depth bomb', '['.repeat(9_000) + ']'.repeat(9_000), 'too_deep'],
  ])(
    'judges the text as it came, not as a parser left it: %s',
    async (_name, context, reason) => {
      const good = JSON.stringify(track({ messageId: 'good' }));
      const call = `{"type":"track","event":"Order Completed","messageId":"bad","context":${context}}`;
      const { status, body } = await post(
        '/v1/batch',
        `{"batch": [ ${call} , ${good}]}`,
      );
      expect(status).toBe(200);
      expect(body.failed).toMatchObject([{ index: 0, id: 'bad', reason }]);
      expect(broker.refusals).toMatchObject([{ reason, event: call }]);
      expect(stored()).toMatchObject([{ id: 'good' }]);
    },
  );

  it.each([
    ['/v1/track', track({ type: undefined }), 'app.order_completed'],
    ['/v1/track/', track(), 'app.order_completed'],
    ['/v1/t', track(), 'app.order_completed'],
    ['/v1/identify', { messageId: 'i', userId: 'u' }, 'app.identify'],
    ['/v1/page', { messageId: 'p', name: 'Home' }, 'app.page'],
    ['/v1/screen', { messageId: 's', name: 'Home' }, 'app.screen'],
    ['/v1/group', { messageId: 'g', groupId: 'g' }, 'app.group'],
    ['/v1/alias', { messageId: 'a', previousId: 'p' }, 'app.alias'],
    ['/v1/b/', { batch: [track()] }, 'app.order_completed'],
  ])('takes one call at %s', async (path, call, type) => {
    const { status, body } = await post(path, call);
    expect([status, body.failed]).toEqual([200, []]);
    expect(stored().map(each => each.type)).toEqual([type]);
  });

  it('puts the producer of the write key first, and an event type named in the call before everything', async () => {
    await post(
      '/v1/batch',
      {
        batch: [
          track({ messageId: 'a' }),
          track({
            messageId: 'b',
            event: '订单',
            integrations: { Millrace: { eventType: 'app.order_completed' } },
          }),
        ],
      },
      { authorization: basic(SHOP_KEY) },
    );
    expect(
      stored()
        .map(({ id, type, source }) => [id, type, source])
        .sort(),
    ).toEqual([
      ['a', 'web_shop.order_completed', '/clients/Web Shop'],
      ['b', 'app.order_completed', '/clients/Web Shop'],
    ]);
  });

  it('mints an id for a call without one, and the id says so', async () => {
    await post('/v1/track', track({ messageId: undefined }));
    await post('/v1/track', track({ messageId: '' }));
    const ids = stored().map(({ id }) => id);
    expect(ids).toEqual([
      expect.stringMatching(/^minted-[0-9a-f-]{36}$/),
      expect.stringMatching(/^minted-[0-9a-f-]{36}$/),
    ]);
    expect(new Set(ids).size).toBe(2);
  });

  it.each([
    ['as a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['as text', { 'content-type': 'text/plain' }],
  ])(
    'reads JSON that is labelled %s, compressed or not',
    async (_n, labels) => {
      const authorization = basic(APP_KEY);
      const text = JSON.stringify({ batch: [track()] });
      const replies = [
        await post('/v1/batch', text, { authorization, ...labels }),
        await post('/v1/batch', gzipSync(text), {
          authorization,
          ...labels,
          'content-encoding': 'gzip',
        }),
        await post('/v1/batch', zstdCompressSync(text), {
          authorization,
          ...labels,
          'content-encoding': 'zstd',
        }),
      ];
      expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(stored()).toHaveLength(3);
    },
  );

  it('finds the write key in Authorization, X-Write-Key and the body, in this order', async () => {
    const body = { batch: [track()] };
    const keyed = (writeKey: string) => ({ ...body, writeKey });
    const cases: [number, object, Record<string, string>][] = [
      [200, keyed(STRANGER_KEY), { authorization: basic(APP_KEY) }],
      [200, keyed(STRANGER_KEY), { authorization: `Bearer ${APP_KEY}` }],
      [200, keyed(STRANGER_KEY), { 'x-write-key': APP_KEY }],
      [
        200,
        keyed(APP_KEY),
        { authorization: 'Digest of-some-proxy', 'x-other': 'x' },
      ],
      [200, keyed(APP_KEY), {}],
      [401, keyed(APP_KEY), { authorization: basic(STRANGER_KEY) }],
      [401, keyed(STRANGER_KEY), {}],
      [401, body, {}],
    ];
    for (const [status, sent, headers] of cases) {
      expect((await post('/v1/batch', sent, headers)).status).toBe(status);
    }
    expect(stored()).toHaveLength(5);
  });

  it('does not read the body of a sender whose key in the header is bad', async () => {
    const takesNoBody = await post('/v1/batch', 'not even JSON', {
      authorization: basic(STRANGER_KEY),
    });
    expect(takesNoBody.body.error.reason).toBe('invalid_write_key');
    expect(broker.refusals).toEqual([]);
  });

  it.each<[string, string, number, string]>([
    ['is no JSON', `{"batch":[{"x":"${SECRET}`, 400, 'invalid_json'],
    ['has no batch', `{"events":["${SECRET}"]}`, 400, 'not_a_batch'],
    ['is a list', `["${SECRET}"]`, 400, 'not_a_batch'],
  ])(
    'says so when a body %s, and keeps it',
    async (_name, sent, status, reason) => {
      const reply = await post('/v1/batch', sent);
      expect(reply.status).toBe(status);
      expect(reply.body.error.reason).toBe(reason);
      expect(reply.text).not.toContain(SECRET);
      expect(broker.refusals).toMatchObject([{ event: sent }]);
    },
  );

  it('answers 413 with the limit to more than it takes at once, and takes a batch of half a megabyte', async () => {
    const tooMany = await post('/v1/batch', { batch: Array(51).fill({}) });
    expect(tooMany.status).toBe(413);
    expect(tooMany.body.error.limit).toEqual({
      name: 'maxEventsPerRequest',
      value: 50,
    });
    const bomb = gzipSync(`{"batch":[],"x":"${'0'.repeat(1_100_000)}"}`);
    const tooLarge = await post('/v1/batch', bomb, {
      authorization: basic(APP_KEY),
      'content-encoding': 'gzip',
    });
    expect(tooLarge.status).toBe(413);

    const context = { text: 'x'.repeat(11_000) };
    const large = await post('/v1/batch', {
      batch: Array.from({ length: 50 }, (_, n) =>
        track({ messageId: `large-${n}`, context }),
      ),
    });
    expect([large.status, large.body.accepted]).toEqual([200, 50]);
  });

  it('says 503 when anything is not durable, so that everything comes again', async () => {
    broker.mode = 'fail';
    const down = await post('/v1/batch', { batch: [track()] });
    expect(down.status).toBe(503);
    expect(down.headers.get('retry-after')).toBe('1');
    expect(down.body.error.reason).toBe('broker_unavailable');

    broker.mode = 'commitButFail';
    const unsure = await post('/v1/batch', { batch: [track({}), 'refused'] });
    expect(unsure.status).toBe(503);

    broker.mode = 'commit';
    expect((await post('/v1/batch', { batch: [track()] })).status).toBe(200);
    expect(new Set(stored().map(({ id }) => id))).toEqual(new Set(['m-1']));
  });

  describe('OpenTelemetry logs', () => {
    const text = (value: string) => ({ stringValue: value });
    const record = (overrides: object = {}) => ({
      timeUnixNano: '1795262400123456789',
      observedTimeUnixNano: '1795262401000000000',
      severityNumber: 9,
      severityText: 'INFO',
      eventName: 'shop.orderPaid',
      attributes: [
        { key: 'log.record.uid', value: text('l-1') },
        { key: 'orderId', value: text('o-1') },
        { key: 'cents', value: { intValue: '1250' } },
      ],
      traceId: '0af7651916cd43dd8448eb211c80319c',
      ...overrides,
    });
    const logs = (...logRecords: unknown[]) => ({
      resourceLogs: [
        {
          resource: {
            attributes: [{ key: 'service.name', value: text('checkout') }],
          },
          scopeLogs: [{ scope: { name: 'lib', version: '1' }, logRecords }],
        },
      ],
    });
    const attributes = (...pairs: [string, unknown][]) => [
      { key: 'log.record.uid', value: text('l-2') },
      { key: 'orderId', value: text('o-1') },
      ...pairs.map(([key, value]) => ({ key, value })),
    ];

    it('stores each record as the event it names', async () => {
      const { status, body } = await post(
        '/v1/logs',
        logs(
          record(),
          record({
            eventName: undefined,
            attributes: attributes(
              ['event.name', text('shop.order_paid')],
              [
                'items',
                {
                  arrayValue: {
                    values: [
                      {
                        kvlistValue: {
                          values: [{ key: 'sku', value: text('s') }],
                        },
                      },
                    ],
                  },
                },
              ],
            ),
            body: { doubleValue: 1.5 },
          }),
        ),
      );
      expect([status, body]).toEqual([200, {}]);
      const otel = {
        severityNumber: 9,
        severityText: 'INFO',
        traceId: '0af7651916cd43dd8448eb211c80319c',
        resource: { 'service.name': 'checkout' },
        scope: { name: 'lib', version: '1' },
      };
      expect(stored()).toEqual([
        expect.objectContaining({
          type: 'shop.order_paid',
          id: 'l-1',
          source: '/otel/checkout',
          time: '2026-11-21T12:00:00.123456Z',
          data: { orderId: 'o-1', cents: 1250, otel },
        }),
        expect.objectContaining({
          type: 'shop.order_paid',
          id: 'l-2',
          data: { orderId: 'o-1', items: [{ sku: 's' }], body: 1.5, otel },
        }),
      ]);
    });

    it('counts what it keeps as refused in partialSuccess', async () => {
      const sent = [
        record({ eventName: undefined }),
        record({ eventName: 'shop.unheard' }),
        record({ attributes: attributes(['otel', text(SECRET)]) }),
        record({ attributes: attributes(['orderId', text(SECRET)]) }),
        record({
          attributes: attributes(['cents', { intValue: '9007199254740993' }]),
        }),
        record({ attributes: [{ value: text(SECRET) }] }),
        null,
      ];
      const reply = await post('/v1/logs', logs(record(), ...sent));
      expect(reply.status).toBe(200);
      expect(reply.body).toEqual({
        partialSuccess: {
          rejectedLogRecords: '7',
          errorMessage: expect.stringContaining('unmapped'),
        },
      });
      expect(reply.text).not.toContain(SECRET);
      expect(stored()).toHaveLength(1);
      expect(broker.refusals.map(({ reason }) => reason).sort()).toEqual([
        'duplicate_name',
        'duplicate_name',
        'event_type_unknown',
        'invalid_value',
        'unmapped',
        'unmapped',
        'wrong_type',
      ]);
      const kept = broker.refusals.find(
        ({ pointer }) => pointer === '/data/otel',
      );
      expect(JSON.parse(kept!.event)).toMatchObject({
        resource: { attributes: [{ key: 'service.name' }] },
        logRecord: { eventName: 'shop.orderPaid' },
      });
    });

    it.each<[string, unknown, number, string]>([
      ['no JSON', '{', 400, 'invalid_json'],
      ['no object', [], 400, 'not_a_batch'],
      ['no list', { resourceLogs: {} }, 400, 'not_a_batch'],
      [
        'too many records',
        {
          resourceLogs: Array(3).fill(
            logs(...Array(20).fill({})).resourceLogs[0],
          ),
        },
        413,
        'batch_too_many_events',
      ],
      [
        'a resource that would multiply',
        {
          resourceLogs: [
            {
              resource: { x: 'x'.repeat(900_000) },
              scopeLogs: [{ logRecords: Array(50).fill({}) }],
            },
          ],
        },
        413,
        'body_too_large',
      ],
    ])('answers a body with %s', async (_name, sent, status, reason) => {
      const reply = await post('/v1/logs', sent);
      expect([reply.status, reply.body.error.reason]).toEqual([status, reason]);
    });

    it('takes an export without records', async () => {
      for (const sent of [{}, { resourceLogs: [] }, logs()]) {
        const { status, body } = await post('/v1/logs', sent);
        expect([status, body]).toEqual([200, {}]);
      }
    });

    it('names the setting that is missing when protobuf comes', async () => {
      const reply = await post('/v1/logs', Buffer.from([10, 0]), {
        authorization: basic(ANY_KEY),
        'content-type': 'application/x-protobuf',
      });
      expect(reply.status).toBe(415);
      expect(reply.body.error.message).toContain('http/json');
    });
  });
});

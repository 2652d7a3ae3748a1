import { gzipSync, zstdCompressSync } from 'node:zlib';
import { REFUSED_TOPIC, refusedTopicOf } from '@millrace/schema';
import {
  ANY_KEY,
  event,
  REFUND_KEY,
  STRANGER_KEY,
} from '../__testUtils__/fixtures';
import { FakeBroker } from '../__testUtils__/fakeBroker';
import { createTestIntake } from '../__testUtils__/testIntake';
import { startTestServer, TestServer } from '../__testUtils__/testServer';

const SECRET = 'correct-horse-battery';
const NDJSON = { 'content-type': 'application/x-ndjson' };

function binaryHeaders(headers: Record<string, string> = {}) {
  return {
    'ce-specversion': '1.0',
    'ce-id': 'binary',
    'ce-source': '/tests',
    'ce-type': 'shop.order',
    ...headers,
  };
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) {
    value = [value];
  }
  return value;
}

const A_LIMIT = { name: expect.any(String), value: expect.any(Number) };

describe('POST /v1/events', () => {
  let broker: FakeBroker;
  let server: TestServer;

  beforeEach(async () => {
    broker = new FakeBroker();
    server = await startTestServer(
      createTestIntake({
        broker,
        limits: {
          maxBodyBytes: 400_000,
          maxInflatedBytes: 800_000,
          maxEventBytes: 100_000,
          maxEventsPerRequest: 50,
        },
      }),
    );
  });
  afterEach(() => server.stop());

  const storedIds = () =>
    broker.batches.flatMap(batch => batch.events.map(({ id }) => id));

  it('stores what it accepts, with receive time and header', async () => {
    const before = Date.now();
    const { status, body } = await server.post([
      event({
        id: 'a',
        time: '2026-11-21T12:00:00.123456+01:00',
        producer: 'p',
        epoch: 'e',
        sequence: 7,
        subject: 'kept as well',
        data: { orderId: 'o', amount: 1.5, extra: { any: ['thing'] } },
      }),
    ]);

    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'stored',
      receipt: expect.stringMatching(/^[0-9a-f-]{36}$/),
      accepted: 1,
      refused: 0,
      failed: [],
    });
    const [{ header, events }] = broker.batches;
    expect(header).toMatchObject({
      gateway: 'g1',
      epoch: 'e1',
      eventType: 'shop.order',
      schemaVersion: 1,
      batch: 1,
      events: 1,
      bytes: broker.lines[0].length + 1,
    });
    expect(events).toEqual([
      {
        specversion: '1.0',
        id: 'a',
        source: '/tests',
        type: 'shop.order',
        subject: 'kept as well',
        time: '2026-11-21T12:00:00.123456+01:00',
        receivedAt: expect.any(String),
        producer: 'p',
        epoch: 'e',
        sequence: 7,
        data: { orderId: 'o', amount: 1.5, extra: { any: ['thing'] } },
      },
    ]);
    const receivedAt = Date.parse(events[0].receivedAt);
    expect(receivedAt).toBeGreaterThanOrEqual(before);
    expect(receivedAt).toBeGreaterThanOrEqual(header.bucket.start.getTime());
    expect(receivedAt).toBeLessThan(header.bucket.start.getTime() + 10_000);
  });

  it.each([
    ['no object', () => SECRET, { reason: 'invalid_envelope', pointer: '' }],
    [
      'no specversion',
      () => event({ specversion: undefined }),
      { reason: 'invalid_envelope', pointer: '/specversion' },
    ],
    [
      'no id',
      () => event({ id: undefined }),
      { reason: 'invalid_envelope', pointer: '/id' },
    ],
    [
      'a control character in its source',
      () => event({ source: `a\nb${SECRET}` }),
      { reason: 'invalid_envelope', pointer: '/source' },
    ],
    [
      'a time that does not exist',
      () => event({ time: '2026-02-30T00:00:00Z' }),
      { reason: 'invalid_envelope', pointer: '/time' },
    ],
    [
      'data that is a list',
      () => event({ data: [SECRET] }),
      { reason: 'invalid_envelope', pointer: '/data' },
    ],
    [
      'an attribute that is an object',
      () => event({ tenant: { name: SECRET } }),
      { reason: 'invalid_envelope', pointer: '/tenant' },
    ],
    [
      'an unknown type',
      () => event({ type: 'shop.unheard_of' }),
      { reason: 'event_type_unknown', pointer: '/type' },
    ],
    [
      'a missing field',
      () => event({ data: { amount: 1 } }),
      { reason: 'missing_field', pointer: '/data/orderId' },
    ],
    [
      'a value of the wrong type',
      () => event({ data: { orderId: 'o', amount: SECRET } }),
      { reason: 'wrong_type', pointer: '/data/amount' },
    ],
    [
      'an unknown field',
      () => event({ data: { orderId: 'o', surprise: SECRET } }),
      { reason: 'unknown_field', pointer: '/data/surprise' },
    ],
    [
      'an integer that lost digits',
      () => event({ data: { orderId: 'o', count: 2 ** 53 + 2 } }),
      { reason: 'invalid_value', pointer: '/data/count' },
    ],
    [
      'more bytes than an event may have',
      () => event({ data: { orderId: 'x'.repeat(100_000) } }),
      { reason: 'event_too_large' },
    ],
    [
      'more levels than an event may have',
      () => event({ data: { orderId: SECRET, extra: nested(70) } }),
      { reason: 'too_deep' },
    ],
    [
      'half a surrogate pair',
      () => event({ data: { orderId: 'o', extra: ['\ud800', SECRET] } }),
      { reason: 'invalid_text', pointer: '/data/extra/0' },
    ],
    [
      'a constructor with a prototype',
      () =>
        event({
          data: { orderId: 'o', extra: { constructor: { prototype: 1 } } },
        }),
      { reason: 'forbidden_name', pointer: '/data/extra' },
    ],
  ])(
    'refuses an event with %s, keeps it, and stores its neighbours',
    async (_name, bad, verdict) => {
      const first = event({ id: 'first' });
      const last = event({ id: 'last', type: 'shop.refund' });

      const refused = bad();
      const reply = await server.post([first, refused, last]);

      expect(reply.status).toBe(207);
      expect(reply.body).toMatchObject({
        status: 'partial',
        accepted: 2,
        refused: 1,
        failed: [{ index: 1, retriable: false, ...verdict }],
      });
      expect(storedIds().sort()).toEqual(['first', 'last']);
      expect(reply.text).not.toContain(SECRET);
      expect(broker.refusals).toEqual([
        expect.objectContaining({
          ...verdict,
          writeKeyId: 'allkeytest',
          refusalId: expect.stringMatching(
            /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
          ),
          message: reply.body.failed[0].message,
        }),
      ]);
      const raw = JSON.stringify(refused);
      expect(broker.refusals[0].event).toBe(raw.slice(0, 64 * 1024));
    },
  );

  it('refuses a key that would change a prototype, however it is spelled', async () => {
    for (const key of ['__proto__', '\\u005f_proto__']) {
      const raw = `{"specversion":"1.0","id":"a","source":"/s","type":"shop.order","data":{"orderId":"o","extra":{"${key}":{"isAdmin":true}}}}`;

      const { status, body } = await server.post(raw);

      expect(status).toBe(400);
      expect(body.failed[0]).toMatchObject({
        reason: 'forbidden_name',
        pointer: '/data/extra',
      });
      expect(broker.refusals.at(-1)?.event).toBe(raw);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it.each([
    ['beyond the range', '1e400'],
    ['far beyond it', `-${'9'.repeat(400)}`],
    ['beyond it together with its exponent', `${'9'.repeat(250)}e99`],
    ['too small', '1e-400'],
    ['between two doubles', '9007199254740993'],
    ['of too many digits', '0.12345678901234567891'],
  ])(
    'refuses a number %s, which would turn into another',
    async (_name, number) => {
      const raw = `{"specversion":"1.0","id":"a","source":"/s","type":"shop.order","data":{"orderId":"o","extra":[${number}]}}`;

      const { status, body } = await server.post(raw);

      expect(status).toBe(400);
      expect(body.failed[0]).toMatchObject({
        reason: 'number_out_of_range',
        pointer: '/data/extra/0',
      });
    },
  );

  it.each(['1.50', '1e3', '0.1', '-0.0', '1E+2', '12345678901234567168'])(
    'keeps the number %s as it was written',
    async number => {
      const raw = `{"specversion":"1.0","id":"a","source":"/s","type":"shop.order","data":{"orderId":"o","extra":[${number}]}}`;
      expect((await server.post(raw)).status).toBe(200);
      expect(broker.lines.at(-1)).toContain(`"extra":[${number}]`);
    },
  );

  it.each([
    ['the envelope', '"id":"b",', '', ''],
    ['the data', '', '"orderId":"p",', '/data'],
    [
      'a value of any shape',
      '',
      '"extra":[{"a":1,"\\u0061":2}],',
      '/data/extra/0',
    ],
  ])('refuses a name twice in %s', async (_name, inEvent, inData, pointer) => {
    const raw = `{"specversion":"1.0","id":"a",${inEvent}"source":"/s","type":"shop.order","data":{${inData}"orderId":"o"}}`;
    const { status, body } = await server.post(raw);
    expect(status).toBe(400);
    expect(body.failed[0]).toMatchObject({ reason: 'duplicate_name', pointer });
    expect(broker.refusals.at(-1)?.event).toBe(raw);
  });

  it('publishes the bytes that came', async () => {
    const data =
      '{ "orderId" : "\\u00e9\\/", "amount":1.50, "extra":{"b":1,"a":[ ]} }';
    const rest = `"specversion":"1.0","id":"a","source":"/s","subject":"kept","type":"shop.order","data":${data}`;
    expect((await server.post(`{${rest}}`)).status).toBe(200);
    expect(broker.lines.at(-1)).toMatch(/^\{"receivedAt":"[0-9TZ.:-]{24}",/);
    expect(broker.lines.at(-1)?.slice(41)).toBe(`${rest}}`);
  });

  it('takes an event that was printed over several lines as one line', async () => {
    const sent = event({ data: { orderId: 'o', extra: { text: 'a\nb' } } });
    const { status } = await server.post(JSON.stringify([sent], undefined, 2));
    expect(status).toBe(200);
    expect(broker.batches.at(-1)?.events).toEqual([
      expect.objectContaining({ ...sent, receivedAt: expect.any(String) }),
    ]);
  });

  it('keeps the refused events of a type apart from those of others', async () => {
    await server.post([
      event({ type: 'shop.refund', data: {} }),
      event({ data: {} }),
      event({ type: 'no.such' }),
    ]);
    expect([...broker.refusedTopics].sort()).toEqual(
      [
        REFUSED_TOPIC,
        refusedTopicOf('shop.order'),
        refusedTopicOf('shop.refund'),
      ].sort(),
    );
  });

  it('finds out of which type an event is that is too large to be parsed', async () => {
    const large = event({
      id: 'large',
      data: { orderId: 'x'.repeat(100_000) },
    });
    const { data, ...named } = large as { data: object };
    await server.post({ data, ...named });
    expect(broker.refusals[0]).toMatchObject({
      eventId: 'large',
      eventType: 'shop.order',
      source: '/tests',
    });
  });

  it('keeps one row id for the retries of one refusal, and the exact text', async () => {
    const raw =
      '{ "specversion":"1.0", "id":"x", "source":"/s", "type":"no.such", "data":{"n":1e400} }';

    await server.post(`[${raw}]`);
    await server.post(`[ ${raw} ]`);

    const [first, second] = broker.refusals;
    expect(first.event).toBe(raw);
    expect(second.refusalId).toBe(first.refusalId);
    expect(second).toMatchObject({ eventId: 'x', source: '/s' });
  });

  it('keeps no more than 64 KiB of a refused event, and no half character', async () => {
    await server.post([event({ data: { note: 'é'.repeat(45_000) } })]);

    const kept = Buffer.from(broker.refusals[0].event);
    expect(kept.length).toBeLessThanOrEqual(64 * 1024);
    expect(kept.length).toBeGreaterThan(64 * 1024 - 4);
    expect(broker.refusals[0].event).not.toContain('\ufffd');
    expect(broker.refusals[0].truncated).toBe(true);
  });

  it('refuses a type the key may not send', async () => {
    const { status, body } = await server.post(
      [event(), event({ type: 'shop.refund' })],
      { authorization: `Bearer ${REFUND_KEY}` },
    );

    expect(status).toBe(207);
    expect(body.failed).toEqual([
      expect.objectContaining({ index: 0, reason: 'event_type_not_allowed' }),
    ]);
    expect([...broker.refusedTopics]).toEqual([REFUSED_TOPIC]);
  });

  it('answers 403 and stores nothing when the key may send none of the types', async () => {
    const { status, body } = await server.post([event(), event()], {
      authorization: `Bearer ${REFUND_KEY}`,
    });

    expect(status).toBe(403);
    expect(body.error?.reason).toBe('write_key_not_allowed');
    expect([broker.batches, broker.refusals]).toEqual([[], []]);
  });

  it.each<
    [string, unknown, Record<string, string | undefined>, number, string]
  >([
    [
      'no key',
      [event()],
      { authorization: undefined },
      401,
      'missing_write_key',
    ],
    [
      'another scheme',
      [event()],
      { authorization: 'Digest x' },
      401,
      'missing_write_key',
    ],
    [
      'a mistyped key',
      [event()],
      { authorization: `Bearer ${ANY_KEY}x` },
      401,
      'invalid_write_key',
    ],
    [
      "a stranger's key",
      [event()],
      { authorization: `Bearer ${STRANGER_KEY}` },
      401,
      'invalid_write_key',
    ],
    [
      'another media type',
      'a=1',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported_media_type',
    ],
    [
      'another charset',
      [],
      { 'content-type': 'application/json; charset=utf-16' },
      415,
      'unsupported_media_type',
    ],
    [
      'another encoding',
      'x',
      { 'content-encoding': 'br' },
      415,
      'unsupported_encoding',
    ],
    [
      'nested encodings',
      'x',
      { 'content-encoding': 'gzip, gzip' },
      415,
      'unsupported_encoding',
    ],
    [
      'gzip that is none',
      'x',
      { 'content-encoding': 'gzip' },
      400,
      'invalid_compression',
    ],
    [
      'zstd that is none',
      'x',
      { 'content-encoding': 'zstd' },
      400,
      'invalid_compression',
    ],
    [
      'a zstd bomb',
      zstdCompressSync(Buffer.alloc(50_000_000)),
      { 'content-encoding': 'zstd' },
      413,
      'body_too_large',
    ],
    [
      'binary data that is not JSON',
      '{"a":1},"id":"b","data":{}',
      binaryHeaders(),
      400,
      'invalid_json',
    ],
    [
      'binary data of another type',
      'a=1',
      { ...binaryHeaders(), 'content-type': 'text/xml' },
      415,
      'unsupported_media_type',
    ],
    ['no lines', '\n \n', NDJSON, 400, 'not_a_batch'],
    ['a comma too much', '[{},]', {}, 400, 'invalid_json'],
    ['two values', '{} {}', {}, 400, 'invalid_json'],
    ['values side by side', '[{}{}]', {}, 400, 'invalid_json'],
    ['no JSON', '{"a":', {}, 400, 'invalid_json'],
    ['no body', '', {}, 400, 'invalid_json'],
    ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, 400, 'invalid_json'],
    ['an empty batch', [], {}, 400, 'not_a_batch'],
    ['a number', '42', {}, 400, 'not_a_batch'],
    [
      'an object called a batch',
      event(),
      { 'content-type': 'application/cloudevents-batch+json' },
      400,
      'not_a_batch',
    ],
    [
      'a list called an event',
      [event()],
      { 'content-type': 'application/cloudevents+json' },
      400,
      'not_a_batch',
    ],
    ['a large body', `[${' '.repeat(400_000)}]`, {}, 413, 'body_too_large'],
    [
      'a gzip bomb',
      gzipSync(Buffer.alloc(50_000_000)),
      { 'content-encoding': 'gzip' },
      413,
      'body_too_large',
    ],
    [
      'too many events',
      Array.from({ length: 51 }, () => event()),
      {},
      413,
      'batch_too_many_events',
    ],
    ['a depth bomb', '['.repeat(200_000), {}, 400, 'invalid_json'],
  ])(
    'answers a request with %s clearly and stores nothing',
    async (_name, body, headers, status, reason) => {
      const reply = await server.post(body, headers);

      expect(reply.status).toBe(status);
      expect(reply.body.error).toEqual({
        reason,
        message: expect.stringMatching(/\w/),
        limit: status === 413 ? A_LIMIT : undefined,
      });
      expect(broker.batches).toEqual([]);
    },
  );

  it('refuses a well-formed depth bomb without harm', async () => {
    const bomb = `[${'['.repeat(150_000)}${']'.repeat(150_000)}]`;

    const { status, body } = await server.post(bomb);

    expect(status).toBe(400);
    expect(body.failed[0].reason).toBe('event_too_large');

    const smaller = `[${'['.repeat(40_000)}${']'.repeat(40_000)}]`;
    expect((await server.post(smaller)).body.failed[0]).toMatchObject({
      reason: 'too_deep',
      message: expect.stringContaining('levels'),
    });
  });

  it('accepts gzip, zstd, a single event, plain text, a trailing slash and Basic credentials', async () => {
    const basic = Buffer.from(`${ANY_KEY}:`).toString('base64');

    const replies = await Promise.all([
      server.post(gzipSync(JSON.stringify([event()])), {
        'content-encoding': 'gzip',
      }),
      server.post(zstdCompressSync(JSON.stringify([event()])), {
        'content-encoding': 'zstd',
      }),
      server.post(event(), { 'content-type': 'application/cloudevents+json' }),
      server.post(JSON.stringify(event()), { 'content-type': 'text/plain' }),
      server.post(event(), {
        authorization: undefined,
        'x-write-key': ANY_KEY,
      }),
      server.post(event(), { authorization: `Basic ${basic}` }),
      fetch(`${server.url}/v1/events/`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ANY_KEY}` },
        body: Buffer.from(JSON.stringify(event())),
      }),
    ]);

    expect(replies.map(reply => reply.status)).toEqual(replies.map(() => 200));
  });

  it('takes NDJSON, and refuses a broken line alone', async () => {
    const lines = [
      JSON.stringify(event({ id: 'first' })),
      `{"half":"${SECRET}`,
      '',
      `  ${JSON.stringify(event({ id: 'second' }))}\r`,
      '42',
      JSON.stringify(event({ id: 'third', type: 'shop.refund' })),
    ].join('\n');
    const broken = Buffer.from([0x0a, 0x22, 0xff, 0x22, 0x0a]);

    const { status, body, text } = await server.post(
      Buffer.concat([Buffer.from(lines), broken]),
      NDJSON,
    );

    expect(status).toBe(207);
    expect(body).toMatchObject({ accepted: 3, refused: 3 });
    expect(body.failed.map(({ index, reason }) => [index, reason])).toEqual([
      [1, 'invalid_json'],
      [3, 'invalid_envelope'],
      [5, 'invalid_json'],
    ]);
    expect(storedIds().sort()).toEqual(['first', 'second', 'third']);
    expect(text).not.toContain(SECRET);
  });

  it('takes an event in binary mode', async () => {
    const { status } = await server.post(
      '{ "orderId":"o", "amount":1.50 }',
      binaryHeaders({ 'ce-subject': 'Gr%C3%BC%C3%9Fe' }),
    );

    expect(status).toBe(200);
    expect(broker.batches[0].events).toEqual([
      expect.objectContaining({
        id: 'binary',
        subject: 'Grüße',
        data: { orderId: 'o', amount: 1.5 },
      }),
    ]);
    expect(broker.lines[0]).toContain(
      '"data":{ "orderId":"o", "amount":1.50 }',
    );
  });

  it('does not let a header of binary mode stand for data', async () => {
    const { status, body } = await server.post(
      '{"orderId":"o"}',
      binaryHeaders({ 'ce-data': 'x' }),
    );
    expect([status, body.failed[0].reason]).toEqual([400, 'duplicate_name']);
  });

  it('answers browsers of any origin', async () => {
    const preflight = await fetch(`${server.url}/v1/events`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://shop.example',
        'access-control-request-method': 'POST',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-methods')).toBe('POST');
    expect(preflight.headers.get('access-control-allow-headers')).toContain(
      'authorization',
    );
    const reply = await server.post([event()]);
    expect(reply.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('keeps a body that is not JSON as a refused event', async () => {
    await server.post('{"half":');

    expect(broker.refusals).toEqual([
      expect.objectContaining({ reason: 'invalid_json', event: '{"half":' }),
    ]);
  });

  it('says 503 and retriable when nothing was committed, and 207 when some was', async () => {
    broker.mode = 'fail';
    const none = await server.post([event(), event({ type: 'no.such' })]);

    expect(none.status).toBe(503);
    expect(none.headers.get('retry-after')).toBe('1');
    expect(none.body).toMatchObject({
      status: 'rejected',
      accepted: 0,
      refused: 0,
    });
    expect(none.body.failed).toEqual([
      expect.objectContaining({
        index: 0,
        reason: 'broker_unavailable',
        retriable: true,
      }),
      expect.objectContaining({
        index: 1,
        reason: 'broker_unavailable',
        retriable: true,
      }),
    ]);

    const publish = broker.publish.bind(broker);
    broker.mode = 'commit';
    jest
      .spyOn(broker, 'publish')
      .mockImplementation(async (topic, data, attributes) => {
        if (topic.endsWith('refund')) {
          throw new Error('14 UNAVAILABLE');
        }
        return publish(topic, data, attributes);
      });
    const some = await server.post([event(), event({ type: 'shop.refund' })]);

    expect(some.status).toBe(207);
    expect(some.body).toMatchObject({
      status: 'partial',
      accepted: 1,
      refused: 0,
    });
    expect(some.body.failed).toEqual([
      expect.objectContaining({ index: 1, retriable: true }),
    ]);
  });

  it('says 503 at once while it knows that the broker is away', async () => {
    let isBrokerAway = true;
    const other = await startTestServer(
      createTestIntake({ broker, isBrokerAway: () => isBrokerAway }),
    );
    broker.mode = 'wait';

    const reply = await other.post([event()]);

    expect([reply.status, reply.body.error?.reason]).toEqual([
      503,
      'broker_unavailable',
    ]);
    expect(reply.headers.get('retry-after')).toBe('1');
    expect(broker.waitingPublishes).toBe(0);
    isBrokerAway = false;
    broker.mode = 'commit';
    expect((await other.post([event()])).status).toBe(200);
    await other.stop();
  });

  it('says 503 for an unreadable body it could not keep', async () => {
    broker.mode = 'fail';

    const { status, body } = await server.post('{"half":');

    expect(status).toBe(503);
    expect(body.error?.reason).toBe('broker_unavailable');
  });

  it('answers other paths and methods in JSON', async () => {
    const wrongPath = await fetch(`${server.url}/v1/track`, { method: 'POST' });
    const wrongMethod = await fetch(`${server.url}/v1/events`);

    expect(wrongPath.status).toBe(404);
    await expect(wrongPath.json()).resolves.toMatchObject({
      error: { reason: 'not_found' },
    });
    expect(wrongMethod.status).toBe(405);
    expect(wrongMethod.headers.get('allow')).toBe('POST');
  });
});

describe('POST /v1/events, when there is no room', () => {
  it('answers overloaded for the type that has too much on its way, and for no other', async () => {
    const broker = new FakeBroker();
    const server = await startTestServer(
      createTestIntake({ broker, limits: { maxPendingBytesPerEventType: 1 } }),
    );
    broker.mode = 'wait';
    const first = server.post([event()]);
    while (broker.waitingPublishes === 0) {
      await new Promise(resolve => setImmediate(resolve));
    }
    broker.mode = 'commit';

    const second = await server.post([event(), event({ type: 'shop.refund' })]);

    expect(second.status).toBe(207);
    expect(second.body.accepted).toBe(1);
    expect(second.body.failed).toEqual([
      expect.objectContaining({
        index: 0,
        reason: 'overloaded',
        retriable: true,
      }),
    ]);
    expect(second.headers.get('retry-after')).toBe('1');
    broker.release();
    await expect(first).resolves.toMatchObject({ status: 200 });
    await server.stop();
  });

  it('keeps room for others from a key that takes all it may', async () => {
    const broker = new FakeBroker();
    const server = await startTestServer(
      createTestIntake({ broker, limits: { maxInFlightBytesPerKey: 1_000 } }),
    );
    const large = (type: string) => [
      event({ type, data: { orderId: 'x'.repeat(700) } }),
    ];
    broker.mode = 'wait';
    const first = server.post(large('shop.order'));
    while (broker.waitingPublishes === 0) {
      await new Promise(resolve => setImmediate(resolve));
    }
    broker.mode = 'commit';

    const same = await server.post(large('shop.order'));
    const other = await server.post(large('shop.refund'), {
      authorization: `Bearer ${REFUND_KEY}`,
    });

    expect(same.status).toBe(503);
    expect(same.body.error).toMatchObject({
      reason: 'overloaded',
      limit: { name: 'maxInFlightBytesPerKey', value: 1_000 },
    });
    expect(other.status).toBe(200);
    broker.release();
    await expect(first).resolves.toMatchObject({ status: 200 });
    await server.stop();
  });

  it('answers overloaded, and works again when there is room', async () => {
    const broker = new FakeBroker();
    const server = await startTestServer(
      createTestIntake({ broker, limits: { maxInFlightBytes: 1_000 } }),
    );
    broker.mode = 'wait';
    const large = () => [event({ data: { orderId: 'x'.repeat(700) } })];
    const first = server.post(large());
    while (broker.waitingPublishes === 0) {
      await new Promise(resolve => setImmediate(resolve));
    }

    const second = await server.post(large());
    expect(second.status).toBe(503);
    expect(second.body.error?.reason).toBe('overloaded');
    expect(second.headers.get('retry-after')).toBe('1');

    broker.mode = 'commit';
    broker.release();
    await expect(first).resolves.toMatchObject({ status: 200 });
    await expect(server.post(large())).resolves.toMatchObject({ status: 200 });
    await server.stop();
  });
});

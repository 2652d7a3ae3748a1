import { ServerResponse } from 'node:http';
import {
  accept,
  cutMidReply,
  fail,
  GatewayServer,
  mixed,
  neverAnswer,
  ReceivedRequest,
  reply,
  startGatewayServer,
} from './__testUtils__/gatewayServer';
import { ProducerError } from './errors';
import { ProducerOptions } from './node/options';
import { createProducer } from './node/createProducer';
import { DeliveryProblem, Producer } from './types';

type Behaviour = (request: ReceivedRequest, response: ServerResponse) => void;

describe('createProducer', () => {
  let server: GatewayServer;
  let producer: Producer;
  let problems: DeliveryProblem[];

  async function start(
    script: Behaviour[],
    options: Partial<ProducerOptions> = {},
  ) {
    server = await startGatewayServer(...script);
    problems = [];
    producer = createProducer({
      gatewayUrl: server.url,
      writeKey: 'mr_key',
      source: '/tests',
      flushIntervalMs: 5,
      retry: { initialDelayMs: 1, maxDelayMs: 20 },
      onError: problem => problems.push(problem),
      ...options,
    });
  }

  afterEach(async () => {
    await producer.close({ timeoutMs: 1 });
    await server.stop();
  });

  const send = (count: number) =>
    Array.from({ length: count }, (_, n) =>
      producer.send({ type: 'shop.order', data: { n } }),
    );

  const idsOf = (request: ReceivedRequest) =>
    request.events.map(event => event.id);

  const acceptDeprecated =
    (deprecated: unknown): Behaviour =>
    ({ events }, response) =>
      reply(response, 200, {
        status: 'stored',
        receipt: 'receipt',
        accepted: events.length,
        refused: 0,
        failed: [],
        deprecated,
      });

  it('tells once per event type that it should no longer be sent', async () => {
    const old = {
      type: 'shop.order',
      since: '2026-11-21T12:00:00.000Z',
      endsOn: '2027-01-31',
      successor: 'shop.order.v2',
    };
    const other = { type: 'shop.cart', since: '2026-11-21T12:00:00.000Z' };
    const onDeprecation = jest.fn();
    await start([acceptDeprecated([old]), acceptDeprecated([old, other])], {
      onDeprecation,
    });

    await Promise.all(send(1));
    await Promise.all(send(1));

    expect(onDeprecation.mock.calls).toEqual([[old], [other]]);
  });

  it('warns of a deprecated event type unless somebody else is told', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    await start([
      acceptDeprecated([{ type: 'shop.order', successor: 'shop.order.v2' }]),
    ]);

    await Promise.all(send(1));

    expect(warn.mock.calls).toEqual([
      [
        "Millrace: the event type 'shop.order' is deprecated. Send 'shop.order.v2' instead.",
      ],
    ]);
    warn.mockRestore();
  });

  it.each([['no list'], [[null, 1, {}, { type: 7 }]]])(
    'takes a reply for what it is whose advice it cannot read',
    async deprecated => {
      const onDeprecation = jest.fn();
      await start([acceptDeprecated(deprecated)], { onDeprecation });

      const [verdict] = await Promise.all(send(1));

      expect(verdict.status).toBe('accepted');
      expect(onDeprecation).not.toHaveBeenCalled();
    },
  );

  it('sends a batch with key, ids and sequence numbers, and gives each verdict', async () => {
    await start([]);

    const verdicts = await Promise.all(send(3));

    expect(server.requests).toHaveLength(1);
    const [{ url, headers, events }] = server.requests;
    expect(url).toBe('/v1/events');
    expect(headers.authorization).toBe('Bearer mr_key');
    expect(headers['content-type']).toBe('application/cloudevents-batch+json');
    expect(events).toEqual(
      verdicts.map(({ id }, n) => ({
        specversion: '1.0',
        id,
        source: '/tests',
        type: 'shop.order',
        producer: producer.producer,
        epoch: producer.epoch,
        sequence: n + 1,
        data: { n },
      })),
    );
    expect(verdicts[0]).toEqual({
      status: 'accepted',
      id: events[0].id,
      receipt: 'receipt',
    });
  });

  it('sends the data as it was when send was called', async () => {
    await start([]);
    const data = { n: 1 };

    const sent = producer.send({ type: 'shop.order', data });
    data.n = 2;
    await sent;

    expect(server.requests[0].events[0].data).toEqual({ n: 1 });
  });

  it('keeps the id, time and source the caller gives', async () => {
    await start([], { gzip: true });

    await producer.send({
      type: 'shop.order',
      data: {},
      id: 'delivery-1',
      source: '/other',
      time: new Date('2026-11-21T12:00:00Z'),
    });

    expect(server.requests[0].headers['content-encoding']).toBe('gzip');
    expect(server.requests[0].events[0]).toMatchObject({
      id: 'delivery-1',
      source: '/other',
      time: '2026-11-21T12:00:00.000Z',
    });
  });

  it('repeats the same events after a reply was cut, a 503 and a 429', async () => {
    await start([
      cutMidReply,
      fail(503, 'broker_unavailable', { 'retry-after': '0' }),
      fail(429, 'overloaded'),
    ]);

    const verdicts = await Promise.all(send(4));

    expect(verdicts.map(verdict => verdict.status)).toEqual(
      Array(4).fill('accepted'),
    );
    expect(server.requests).toHaveLength(4);
    for (const request of server.requests) {
      expect(request.events).toEqual(server.requests[0].events);
    }
    expect(problems.map(problem => problem.error.code)).toEqual([
      'unreachable',
      'unavailable',
      'unavailable',
    ]);
    expect(problems[1]).toMatchObject({
      status: 503,
      reason: 'broker_unavailable',
      events: 4,
    });
  });

  it('waits at least as long as Retry-After asks', async () => {
    const times: number[] = [];
    await start([
      (_request, response) => {
        times.push(performance.now());
        reply(response, 503, '', { 'retry-after': '1' });
      },
      (request, response) => {
        times.push(performance.now());
        accept(request, response);
      },
    ]);

    await Promise.all(send(1));

    expect(times[1] - times[0]).toBeGreaterThanOrEqual(990);
    expect(problems[0].retryInMs).toBeGreaterThanOrEqual(1000);
  });

  it('waits no longer when the time of day is set back meanwhile', async () => {
    await start([fail(503, 'overloaded')], {
      onError: () => {
        const hourAgo = Date.now() - 60 * 60_000;
        jest.spyOn(Date, 'now').mockReturnValue(hourAgo);
      },
    });

    try {
      await expect(Promise.all(send(1))).resolves.toHaveLength(1);
    } finally {
      jest.restoreAllMocks();
    }
  });

  it('settles each event of a 207 by itself and sends only the retriable again', async () => {
    await start([mixed({ 0: 'refuse', 2: 'retry' })]);

    const verdicts = await Promise.all(send(4));

    expect(verdicts[0]).toEqual({
      status: 'refused',
      id: server.requests[0].events[0].id,
      reason: 'missing_field',
      kept: true,
      pointer: '/data/a',
      message: 'No.',
      receipt: 'receipt',
    });
    expect(verdicts.slice(1).map(verdict => verdict.status)).toEqual(
      Array(3).fill('accepted'),
    );
    expect(server.requests).toHaveLength(2);
    expect(idsOf(server.requests[1])).toEqual([
      server.requests[0].events[2].id,
    ]);
  });

  it('halves a batch that is too large until each part fits', async () => {
    const atMostTwo: Behaviour = (request, response) =>
      request.events.length > 2
        ? fail(413, 'body_too_large')(request, response)
        : accept(request, response);
    await start(Array(10).fill(atMostTwo));

    const verdicts = await Promise.all(send(8));

    expect(verdicts.every(verdict => verdict.status === 'accepted')).toBe(true);
    expect(
      server.requests
        .filter(request => request.events.length <= 2)
        .flatMap(idsOf)
        .sort(),
    ).toEqual(verdicts.map(verdict => verdict.id).sort());
  });

  it('refuses a single event that is too large instead of repeating it, and says that nobody keeps it', async () => {
    await start([fail(413, 'body_too_large')]);

    const [verdict] = await Promise.all(send(1));

    expect(verdict).toMatchObject({
      status: 'refused',
      reason: 'event_too_large',
      kept: false,
      message: 'The gateway has not kept the event: No.',
    });
    expect(server.requests).toHaveLength(1);
  });

  it('does not take a 200 of somebody else for acceptance', async () => {
    await start([
      (_request, response) => reply(response, 200, '<html>Welcome</html>'),
      (_request, response) =>
        reply(response, 200, { receipt: 'x', accepted: 7, failed: [] }),
      (_request, response) =>
        reply(response, 302, '', { location: '/elsewhere' }),
    ]);

    await expect(send(1)[0]).resolves.toMatchObject({ receipt: 'receipt' });

    expect(server.requests).toHaveLength(4);
    expect(problems.map(problem => problem.error.code)).toEqual(
      Array(3).fill('unexpected_reply'),
    );
  });

  it('keeps events when the write key is refused, and delivers them once it is accepted', async () => {
    await start([fail(401, 'invalid_write_key')]);

    const [verdict] = await Promise.all(send(1));

    expect(verdict.status).toBe('accepted');
    expect(problems[0]).toMatchObject({
      status: 401,
      reason: 'invalid_write_key',
      error: { code: 'write_key_refused' },
    });
  });

  it('rejects what it could not deliver at close, with the reason', async () => {
    await start(Array(1000).fill(fail(401, 'invalid_write_key')));
    const sent = send(2);
    const settled = Promise.allSettled(sent);

    await producer.close({ timeoutMs: 50 });

    for (const result of await settled) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { code: 'gave_up' },
      });
      expect((result as PromiseRejectedResult).reason.message).toContain(
        'invalid_write_key',
      );
    }
    expect(producer.stats()).toMatchObject({
      sent: 2,
      gaveUp: 2,
      buffered: 0,
      bufferedBytes: 0,
    });
    await expect(
      producer.send({ type: 'shop.order', data: {} }),
    ).rejects.toMatchObject({ code: 'closed' });
  });

  it('repeats a request that gets no reply in time', async () => {
    await start([neverAnswer], { requestTimeoutMs: 30 });

    await expect(send(1)[0]).resolves.toMatchObject({ status: 'accepted' });

    expect(problems[0].error.message).toContain('No reply within 30 ms');
  });

  it('takes no more than the buffer holds and says so', async () => {
    await start([neverAnswer], { maxBufferedEvents: 2 });
    const kept = Promise.allSettled(send(2));

    await expect(send(1)[0]).rejects.toMatchObject({ code: 'buffer_full' });
    expect(producer.stats()).toMatchObject({
      sent: 2,
      buffered: 2,
      droppedBufferFull: 1,
    });

    await producer.close({ timeoutMs: 1 });
    await kept;
  });

  it('flushes without waiting for the interval, and close waits for verdicts', async () => {
    await start([], { flushIntervalMs: 60_000 });

    const first = send(1)[0];
    await producer.flush();
    await expect(first).resolves.toMatchObject({ status: 'accepted' });

    const second = send(1)[0];
    await producer.close();
    await expect(second).resolves.toMatchObject({ status: 'accepted' });
    await expect(producer.flush()).resolves.toBeUndefined();
  });

  it('tells its listener about every verdict', async () => {
    const seen: string[] = [];
    await start([mixed({ 1: 'refuse' })], {
      onVerdict: verdict => seen.push(verdict.status),
    });

    await Promise.all(send(2));

    expect(seen).toEqual(['accepted', 'refused']);
  });

  it('refuses an event that cannot be written as JSON, and uses up no number', async () => {
    await start([]);
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;

    for (const data of [cycle, { big: 1n }]) {
      await expect(
        producer.send({ type: 'shop.order', data }),
      ).rejects.toMatchObject({ code: 'invalid_event' });
    }
    await Promise.all(send(1));

    expect(server.requests[0].events[0].sequence).toBe(1);
  });

  it.each([
    [{ gatewayUrl: 'ftp://x' }, 'gatewayUrl'],
    [{ gatewayUrl: 'nonsense' }, 'gatewayUrl'],
    [{ writeKey: ' ' }, 'writeKey'],
    [{ maxBatchEvents: 0 }, 'maxBatchEvents'],
    [{ producer: 'with space' }, 'producer'],
  ])('names the option that is wrong: %j', async (options, name) => {
    await start([]);

    expect(() =>
      createProducer({
        gatewayUrl: server.url,
        writeKey: 'mr_key',
        source: '/tests',
        ...options,
      }),
    ).toThrow(
      expect.objectContaining<Partial<ProducerError>>({
        code: 'invalid_option',
        message: expect.stringContaining(`'${name}'`),
      }),
    );
  });
});

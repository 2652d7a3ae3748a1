import {
  accept,
  GatewayServer,
  mixed,
  reply,
  startGatewayServer,
} from './__testUtils__/gatewayServer';
import { VirtualClock } from './__testUtils__/virtualClock';
import { createProducer, DeliveryProblem, Producer } from '.';

type Fate = 'accept' | 'down' | number;

/** Gateways by host name, each doing what it is told for now. */
function gateways(fates: Record<string, Fate>) {
  const requests: { host: string; events: number }[] = [];
  const fetchFrom: typeof fetch = async (url, init) => {
    const { host } = new URL(String(url));
    const events: unknown[] = JSON.parse(String(init?.body));
    requests.push({ host, events: events.length });
    const fate = fates[host];
    if (fate === 'down') {
      throw new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') });
    }
    return fate === 'accept'
      ? Response.json({ receipt: 'r', accepted: events.length, failed: [] })
      : new Response('', {
          status: fate,
          headers: fate === 429 ? { 'retry-after': '2' } : {},
        });
  };
  return { fates, requests, fetch: fetchFrom };
}

describe('a producer with several gateways', () => {
  const clock = new VirtualClock();
  let problems: DeliveryProblem[];
  let producer: Producer;

  function start(fates: Record<string, Fate>) {
    const net = gateways(fates);
    problems = [];
    producer = createProducer({
      gatewayUrls: ['http://one', 'http://two/base/', 'http://three'],
      writeKey: 'k',
      source: '/s',
      clock,
      random: () => 0.5,
      flushIntervalMs: 0,
      fetch: net.fetch,
      onError: problem => problems.push(problem),
    });
    return net;
  }

  const send = () => clock.runUntil(producer.send({ type: 't', data: {} }));

  afterEach(() => clock.runUntil(producer.close()));

  it('sends to the first while it is well', async () => {
    const net = start({ one: 'accept', two: 'accept', three: 'accept' });
    for (let n = 0; n < 5; n++) {
      await send();
    }

    expect(new Set(net.requests.map(({ host }) => host))).toEqual(
      new Set(['one']),
    );
  });

  it.each<[string, Fate]>([
    ['refuses connections', 'down'],
    ['answers 503', 503],
    ['answers 500', 500],
    ['does not know the write key', 401],
    ['is not a gateway', 404],
  ])('goes on with the next at once when one %s', async (_, fate) => {
    const net = start({ one: fate, two: 'accept', three: 'accept' });
    const before = clock.now();
    await send();

    expect(net.requests.map(({ host }) => host)).toEqual(['one', 'two']);
    expect(clock.now()).toBe(before);
    expect(problems).toMatchObject([{ gatewayUrl: 'http://one', events: 1 }]);
  });

  it('returns to the preferred gateway once it has recovered', async () => {
    const net = start({ one: 'down', two: 'accept', three: 'accept' });
    await send();
    net.fates.one = 'accept';
    clock.schedule(() => {}, 60_000);
    clock.step();
    await send();
    await send();

    expect(net.requests.map(({ host }) => host)).toEqual([
      'one',
      'two',
      'one',
      'one',
    ]);
  });

  it('asks a gateway that is down ever less often, and loses nothing', async () => {
    const net = start({ one: 'down', two: 'accept', three: 'accept' });
    for (let n = 0; n < 200; n++) {
      await send();
      clock.schedule(() => {}, 1_000);
      clock.step();
    }

    const asked = net.requests.filter(({ host }) => host === 'one').length;
    expect(asked).toBeLessThan(30);
    expect(producer.stats()).toMatchObject({ accepted: 200, buffered: 0 });
  });

  it('does not get around a rate limit by asking another', async () => {
    const net = start({ one: 429, two: 'accept', three: 'accept' });
    const before = clock.now();
    await send();

    expect(net.requests[0].host).toBe('one');
    // It has asked for two seconds; the others are not asked before either.
    expect(clock.now()).toBeGreaterThanOrEqual(before + 2_000);
  });

  it('backs off when all are down, and recovers by itself', async () => {
    const net = start({ one: 'down', two: 'down', three: 503 });
    const before = clock.now();
    const sent = producer.send({ type: 't', data: {} });
    for (let n = 0; n < 60; n++) {
      clock.step();
      await new Promise(resolve => {
        setImmediate(resolve);
      });
    }
    const elapsedMs = clock.now() - before;
    expect(elapsedMs).toBeGreaterThan(10 * 60_000);
    // Each is asked ten times or so, then every 15 s on average.
    expect(net.requests.length).toBeLessThan(3 * (12 + elapsedMs / 15_000));
    net.fates.two = 'accept';

    await expect(clock.runUntil(sent)).resolves.toMatchObject({
      status: 'accepted',
    });
  });

  it.each([
    [{ gatewayUrls: [] }, 'gatewayUrls'],
    [{ gatewayUrls: ['http://one', 'nonsense'] }, 'gatewayUrls'],
    [{ gatewayUrl: 'http://one', gatewayUrls: ['http://two'] }, 'gatewayUrl'],
    [{}, 'gatewayUrl'],
  ])('says which option is wrong: %j', (options, name) => {
    start({ one: 'accept' });
    expect(() =>
      createProducer({ writeKey: 'k', source: '/s', ...options }),
    ).toThrow(`'${name}'`);
  });
});

describe('a producer whose gateway cannot store one event type', () => {
  let server: GatewayServer;
  afterEach(() => server.stop());

  it('goes on with the others', async () => {
    const sick = 'sick';
    const storesAllBut: typeof accept = (request, response) => {
      const failing = request.events.flatMap(({ type }, index) =>
        type === sick ? [index] : [],
      );
      if (failing.length === 0) {
        accept(request, response);
      } else if (failing.length === request.events.length) {
        reply(response, 503, {
          status: 'rejected',
          receipt: 'receipt',
          accepted: 0,
          refused: 0,
          failed: failing.map(index => ({
            index,
            reason: 'broker_unavailable',
            message: 'No.',
            retriable: true,
          })),
        });
      } else {
        const retry = failing.map(index => [index, 'retry' as const]);
        mixed(Object.fromEntries(retry))(request, response);
      }
    };
    server = await startGatewayServer(...Array(10_000).fill(storesAllBut));
    const producer = createProducer({
      gatewayUrl: server.url,
      writeKey: 'k',
      source: '/s',
      flushIntervalMs: 1,
      maxBatchEvents: 7,
      retry: { initialDelayMs: 1, maxDelayMs: 10 },
    });
    const sickOnes: Promise<unknown>[] = [];
    const others: Promise<unknown>[] = [];
    for (let n = 0; n < 60; n++) {
      const isSick = n % 2 === 0 || n < 20;
      const type = isSick ? sick : 'well';
      const sent = producer.send({ type, data: { n } });
      (isSick ? sickOnes : others).push(sent);
    }
    const settled = Promise.allSettled(sickOnes);

    const verdicts = await Promise.all(others);

    expect(verdicts).toHaveLength(20);
    expect(producer.stats()).toMatchObject({ accepted: 20, buffered: 40 });
    await producer.close({ timeoutMs: 1 });
    await settled;
  });
});

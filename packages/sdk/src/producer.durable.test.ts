import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { FaultyDisk } from './__testUtils__/faultyDisk';
import {
  accept,
  GatewayServer,
  neverAnswer,
  startGatewayServer,
} from './__testUtils__/gatewayServer';
import { LifeRegister, tick } from './__testUtils__/queueLife';
import { VirtualClock } from './__testUtils__/virtualClock';
import { createProducerWith } from './node/createProducer';
import { createProducer, Drop, Producer, ProducerOptions } from '.';

describe('a producer with a file queue', () => {
  let dir: string;
  let server: GatewayServer;
  let producers: Producer[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'millrace-sdk-'));
    producers = [];
  });

  afterEach(async () => {
    await Promise.all(producers.map(each => each.close({ timeoutMs: 1 })));
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  });

  function start(options: Partial<ProducerOptions> = {}): Producer {
    const producer = createProducer({
      gatewayUrl: server.url,
      writeKey: 'mr_key',
      source: '/tests',
      flushIntervalMs: 1,
      retry: { initialDelayMs: 1, maxDelayMs: 20 },
      queue: { dir, lockWaitMs: 0 },
      ...options,
    });
    producers.push(producer);
    return producer;
  }

  /** A gateway whose first reply waits until the test lets it go. */
  async function startHeldServer(): Promise<() => void> {
    let letGo = () => {};
    const hold: typeof accept = (request, response) => {
      letGo = () => accept(request, response);
    };
    server = await startGatewayServer(hold);
    return () => letGo();
  }

  const received = () => server.requests.flatMap(({ events }) => events);
  const isBalanced = (producer: Producer) => {
    const { sent, recovered, accepted, refused, dropped, gaveUp, buffered } =
      producer.stats();
    return (
      sent + recovered === accepted + refused + dropped + gaveUp + buffered
    );
  };

  it('gives verdicts as without one', async () => {
    server = await startGatewayServer();
    const producer = start();
    const verdicts = await Promise.all(
      [1, 2, 3].map(n => producer.send({ type: 't', data: { n } })),
    );

    expect(verdicts.map(({ status }) => status)).toEqual(
      Array(3).fill('accepted'),
    );
    expect(received().map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(isBalanced(producer)).toBe(true);
  });

  it('says at close which events stay, and the next life sends them as they are', async () => {
    server = await startGatewayServer(...Array(20).fill(neverAnswer));
    const first = start();
    const settled = Promise.allSettled(
      [1, 2].map(n => first.send({ type: 't', data: { n } })),
    );
    await first.ready();
    await first.close({ timeoutMs: 30 });
    for (const result of await settled) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { code: 'kept_in_queue' },
      });
    }
    expect(first.stats()).toMatchObject({ buffered: 2, gaveUp: 0 });
    await server.stop();

    server = await startGatewayServer();
    const second = start();
    await second.ready();
    expect(second.producer).toBe(first.producer);
    await second.flush();
    expect(received()).toMatchObject(
      [1, 2].map(n => ({
        producer: first.producer,
        epoch: first.epoch,
        sequence: n,
        data: { n },
      })),
    );
    expect(second.stats()).toMatchObject({ recovered: 2, accepted: 2 });
  });

  it('lets nobody else use its directory, within one process either', async () => {
    server = await startGatewayServer();
    const first = start();
    await first.ready();
    const second = start();

    await expect(second.ready()).rejects.toMatchObject({
      code: 'queue_locked',
    });
    await expect(second.send({ type: 't', data: {} })).rejects.toMatchObject({
      code: 'queue_locked',
    });
    await first.close();
    const third = start();
    await expect(third.ready()).resolves.toBeUndefined();
  });

  it('keeps more than fits memory on disk, and sends all of it in order', async () => {
    const letGo = await startHeldServer();
    const producer = start({
      maxBufferedBytes: 200_000,
      maxBatchEvents: 100,
      maxConcurrentRequests: 1,
      queue: { dir, maxBytes: 20_000_000 },
    });
    const text = 'x'.repeat(1_000);
    const count = 3_000;
    for (let n = 0; n < count; n += 50) {
      const some = Array.from({ length: 50 }, (_, i) => n + i);
      await Promise.all(
        some.map(each => producer.enqueue({ type: 't', data: { each, text } })),
      );
    }
    expect(producer.stats().bufferedBytes).toBeGreaterThan(3_000_000);
    letGo();
    await producer.flush();

    const sequences = received().map(({ sequence }) => sequence);
    expect(sequences).toEqual(Array.from({ length: count }, (_, n) => n + 1));
    expect(isBalanced(producer)).toBe(true);
  }, 30_000);

  it('reports drops with events of their own, and tells whoever waits', async () => {
    const letGo = await startHeldServer();
    const drops: Drop[] = [];
    const producer = start({
      dropReportType: 'millrace.producer_report',
      maxBatchEvents: 1,
      maxConcurrentRequests: 1,
      onDrop: drop => drops.push(drop),
      queue: { dir, maxBytes: 64 * 1024 },
    });
    const sent = Array.from({ length: 300 }, (_, n) =>
      producer.send({ type: 't', data: { n, text: 'x'.repeat(500) } }),
    );
    const settled = Promise.allSettled(sent);
    // The last has found its place, so the drops for it have happened.
    await producer.enqueue({ type: 't', data: {} });
    letGo();
    await producer.flush();

    const results = await settled;
    const dropped = results.filter(({ status }) => status === 'rejected');
    expect(dropped.length).toBeGreaterThan(100);
    expect(dropped[0]).toMatchObject({ reason: { code: 'dropped' } });
    const reports = received().filter(
      ({ type }) => type === 'millrace.producer_report',
    );
    expect(reports.length).toBeGreaterThan(0);
    expect(reports[0].data).toMatchObject({
      reason: 'queue_full',
      dropped_epoch: producer.epoch,
      dropped_events: expect.any(Number),
      dropped_bytes: expect.any(Number),
      first_sequence: expect.any(Number),
      last_sequence: expect.any(Number),
    });
    // What was reported and what was dropped with a report in it add up.
    const total = drops.reduce((sum, { events }) => sum + events, 0);
    expect(total).toBe(producer.stats().dropped);
    expect(isBalanced(producer)).toBe(true);
  }, 30_000);
});

describe('a producer with a memory queue that drops the oldest', () => {
  it('stays within its bounds, and its numbers add up', async () => {
    const clock = new VirtualClock();
    const drops: Drop[] = [];
    let isAway = true;
    const seen: { id: string; type: string }[] = [];
    const producer = createProducer({
      gatewayUrl: 'http://gateway',
      writeKey: 'k',
      source: '/s',
      clock,
      random: () => 0.5,
      whenFull: 'drop_oldest',
      dropReportType: 'report',
      maxBufferedEvents: 40,
      onDrop: drop => drops.push(drop),
      fetch: async (_url, init) => {
        if (isAway) {
          throw new TypeError('fetch failed');
        }
        const events = JSON.parse(String(init?.body));
        seen.push(...events);
        return Response.json({
          receipt: 'r',
          accepted: events.length,
          failed: [],
        });
      },
    });
    const settled: Promise<unknown>[] = [];
    for (let n = 0; n < 200; n++) {
      settled.push(
        producer.send({ type: 't', data: { n }, id: `e${n}` }).catch(e => e),
      );
      expect(producer.stats().buffered).toBeLessThanOrEqual(41);
      if (n % 20 === 0) {
        clock.step();
        await tick();
      }
    }
    isAway = false;
    await clock.runUntil(producer.flush());
    await Promise.all(settled);

    const { sent, accepted, dropped } = producer.stats();
    expect(sent).toBe(accepted + dropped);
    expect(dropped).toBe(drops.reduce((sum, { events }) => sum + events, 0));
    expect(seen.filter(({ type }) => type === 't').at(-1)?.id).toBe('e199');
    expect(seen.some(({ type }) => type === 'report')).toBe(true);
    await clock.runUntil(producer.close());
  });
});

describe('producers over many lives, on a disk and a network that fail', () => {
  const life = fc.record({
    events: fc.integer({ min: 1, max: 25 }),
    endAfter: fc.integer({ min: 1, max: 150 }),
    isPowerCut: fc.boolean(),
    replies: fc.array(
      fc.constantFrom('accept', 'lost', 'refuse', 'away', 'half', 'cut'),
      { maxLength: 10 },
    ),
    failingSyncs: fc.constantFrom(0, 0, 0, 1, 2),
  });

  it('get every event that was called durable to the gateway, and change none', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(life, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 2 ** 31 }),
        async (lives, seed) => {
          let state = seed;
          const random = () => {
            state = (state * 48_271) % 2_147_483_647;
            return state / 2_147_483_647;
          };
          const disk = new FaultyDisk();
          const register = new LifeRegister();
          const durable = new Set<string>();
          const reached = new Map<string, Set<string>>();
          const numbers = new Map<string, string>();
          let replies: string[] = [];

          const fetchFrom: typeof fetch = async (_url, init) => {
            const texts = String(init?.body);
            const events: { id: string; epoch: string; sequence: number }[] =
              JSON.parse(texts);
            const reply = replies.shift() ?? 'accept';
            if (reply === 'away') {
              throw new TypeError('fetch failed');
            }
            const half = reply === 'half' ? Math.ceil(events.length / 2) : 0;
            for (const event of events.slice(half)) {
              const { id, epoch, sequence } = event;
              const versions = reached.get(id) ?? new Set();
              reached.set(id, versions.add(JSON.stringify(event)));
              const key = `${epoch}/${sequence}`;
              expect(numbers.get(key) ?? id).toBe(id);
              numbers.set(key, id);
            }
            if (reply === 'lost' || reply === 'cut') {
              // It has the events, and nobody learns it.
              throw new TypeError('terminated');
            }
            const failed = events.flatMap(({ id }, index) =>
              index < half || reply === 'refuse'
                ? [
                    {
                      index,
                      id,
                      reason: 'x',
                      message: 'x',
                      retriable: reply === 'half',
                    },
                  ]
                : [],
            );
            const accepted = events.length - failed.length;
            return Response.json({ receipt: 'r', accepted, failed });
          };

          const begin = () => {
            const { probe, end } = register.begin();
            const clock = new VirtualClock();
            let isEnded = false;
            const mounted = disk.mount(() => {
              isEnded = true;
            });
            const producer = createProducerWith(
              {
                gatewayUrl: 'http://gateway',
                writeKey: 'k',
                source: '/s',
                clock,
                random,
                maxBatchEvents: 6,
                // A process that has ended sends nothing any more.
                fetch: (url, init) =>
                  isEnded ? new Promise(() => {}) : fetchFrom(url, init),
                queue: { dir: '/queue', maxBytes: 10_000_000, lockWaitMs: 0 },
              },
              { disk: mounted, probe },
            );
            return { producer, clock, end, isEnded: () => isEnded };
          };

          let count = 0;
          for (const each of lives) {
            replies = [...each.replies];
            disk.plan.failingSyncs = each.failingSyncs;
            disk.plan.endAt = disk.operations + each.endAfter;
            const { producer, clock, end, isEnded } = begin();
            for (let n = 0; n < each.events && !isEnded(); n++) {
              const id = `e${count}`;
              count += 1;
              producer.enqueue({ type: 't', data: { n }, id }).then(
                () => durable.add(id),
                () => {},
              );
              await tick();
              if (n % 3 === 0) {
                clock.step();
              }
            }
            for (let n = 0; n < 60 && !isEnded(); n++) {
              clock.step();
              await tick();
            }
            end();
            if (each.isPowerCut) {
              disk.cutPower(random);
            } else {
              disk.kill();
            }
          }

          replies = [];
          Object.assign(disk.plan, { endAt: Infinity, failingSyncs: 0 });
          const last = begin();
          await last.clock.runUntil(last.producer.ready());
          await last.clock.runUntil(last.producer.flush());
          await last.clock.runUntil(last.producer.close());

          expect([...durable].filter(id => !reached.has(id))).toEqual([]);
          const changed = [...reached].filter(([, { size }]) => size > 1);
          // A number given up by a failed commit may be written anew.
          expect(changed).toEqual([]);
          expect(last.producer.stats().buffered).toBe(0);
        },
      ),
      { numRuns: Number(process.env.MILLRACE_RUNS ?? 120) },
    );
  }, 120_000);
});

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  accept,
  GatewayServer,
  neverAnswer,
  startGatewayServer,
} from '../__testUtils__/gatewayServer';
import { killProducers, spawnProducer } from '../__testUtils__/spawnProducer';
import { createProducer } from '..';

const KILLS = 6;

jest.setTimeout(120_000);

/** The real thing: processes, signals, files, HTTP. */
describe('a producer process with a file queue', () => {
  let dir: string;
  let server: GatewayServer | undefined;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'millrace-sdk-'));
  });

  afterEach(async () => {
    killProducers();
    await server?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const receivedIds = () =>
    server!.requests.flatMap(({ events }) => events.map(({ id }) => id));

  async function drain() {
    const producer = createProducer({
      gatewayUrl: server!.url,
      writeKey: 'mr_key',
      source: '/tests',
      queue: { dir },
    });
    await producer.ready();
    await producer.flush();
    await producer.close();
    return producer.stats();
  }

  it('delivers every event it called durable, however often it is killed', async () => {
    // A gateway that is away now and then lets the queue grow.
    let requests = 0;
    const moody: typeof accept = (request, response) => {
      requests += 1;
      if (requests % 3 === 0) {
        response.socket?.destroy();
      } else {
        accept(request, response);
      }
    };
    server = await startGatewayServer(...Array(10_000).fill(moody));
    const durable = new Set<string>();
    for (let round = 0; round < KILLS; round++) {
      const process = spawnProducer(server.url, dir, `r${round}`);
      await process.printed(100 + round * 57);
      process.child.kill('SIGKILL');
      expect(await process.ended).toBe('SIGKILL');
      expect(process.lines[0]).toBe('ready');
      process.lines.slice(1).forEach(id => durable.add(id));
    }

    const stats = await drain();

    expect(stats.dropped).toBe(0);
    const received = new Set(receivedIds());
    expect([...durable].filter(id => !received.has(id))).toEqual([]);
    expect(durable.size).toBeGreaterThan(KILLS * 100);
    // Every life is an epoch of its own, and no number in it means two events.
    const meaning = new Map<string, string>();
    for (const { events } of server.requests) {
      for (const { epoch, sequence, id } of events) {
        const key = `${epoch}/${sequence}`;
        expect(meaning.get(key) ?? id).toBe(id);
        meaning.set(key, id);
      }
    }
    const producers = new Set(
      server.requests.flatMap(({ events }) =>
        events.map(({ producer }) => producer),
      ),
    );
    expect(producers.size).toBe(1);
    expect((await readdir(dir)).sort()).toEqual(['identity.json', 'lock']);
  });

  it('keeps everything while no gateway answers, and sends it in the next life', async () => {
    server = await startGatewayServer(...Array(1_000).fill(neverAnswer));
    const process = spawnProducer(server.url, dir, 'a');
    await process.printed(501);
    process.child.kill('SIGKILL');
    await process.ended;
    await server.stop();

    server = await startGatewayServer();
    const stats = await drain();

    const durable = process.lines.slice(1);
    expect(stats.recovered).toBeGreaterThanOrEqual(durable.length);
    expect(stats.accepted).toBe(stats.recovered);
    // In the order they were given, each once.
    const received = receivedIds();
    expect(received.slice(0, durable.length).sort()).toEqual(durable.sort());
    expect(new Set(received).size).toBe(received.length);
  });

  it('does not let two processes use one directory, and lets the next one in after a kill', async () => {
    server = await startGatewayServer();
    const first = spawnProducer(server.url, dir, 'a');
    await first.printed(2);
    const second = spawnProducer(server.url, dir, 'b');
    expect(await second.ended).toBe(0);
    expect(second.lines).toEqual(['queue_locked']);

    first.child.kill('SIGKILL');
    await first.ended;
    const third = spawnProducer(server.url, dir, 'c');
    await third.printed(2);
    expect(third.lines[0]).toBe('ready');
  });

  it('flushes when the process comes to its end by itself', async () => {
    server = await startGatewayServer();
    const process = spawnProducer(server.url, dir, 'a', 'exit');

    expect(await process.ended).toBe(0);
    expect(receivedIds()).toEqual(process.lines.slice(1));
  });

  it('flushes at SIGTERM and then ends by that signal', async () => {
    server = await startGatewayServer();
    const process = spawnProducer(server.url, dir, 'a', 'signal');
    await process.printed(50);
    process.child.kill('SIGTERM');

    expect(await process.ended).toBe('SIGTERM');
    const received = new Set(receivedIds());
    expect(process.lines.slice(1).filter(id => !received.has(id))).toEqual([]);
  });
});

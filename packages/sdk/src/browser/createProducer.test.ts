import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import {
  accept,
  GatewayServer,
  neverAnswer,
  startGatewayServer,
} from '../__testUtils__/gatewayServer';
import { DeliveryProblem, Drop, Producer } from '../types';
import {
  BrowserParts,
  createProducerWith,
  ProducerOptions,
} from './createProducer';
import { Page } from './pageHide';

/** A page that a test lets go. */
class TestPage {
  readonly beacons: { url: string; body: string }[] = [];
  maxBeaconBytes = 64 * 1024;
  private readonly listeners = new Map<string, () => void>();

  readonly page: Page = {
    addEventListener: (type, listener) => {
      this.listeners.set(type, listener);
    },
    removeEventListener: type => {
      this.listeners.delete(type);
    },
    document: {
      visibilityState: 'hidden',
      addEventListener: (type: string, listener: unknown) => {
        this.listeners.set(type, listener as () => void);
      },
      removeEventListener: (type: string) => {
        this.listeners.delete(type);
      },
    },
    navigator: {
      sendBeacon: (url, body) => {
        const text = String(body);
        if (text.length > this.maxBeaconBytes) {
          return false;
        }
        this.beacons.push({ url: String(url), body: text });
        return true;
      },
    },
  };

  hide(): void {
    this.listeners.get('visibilitychange')?.();
    this.listeners.get('pagehide')?.();
  }

  get isListening(): boolean {
    return this.listeners.size > 0;
  }
}

const variants: [string, LockManager | undefined][] = [['leases', undefined]];
if (globalThis.navigator?.locks) {
  variants.push(['Web Locks', globalThis.navigator.locks]);
}

describe.each(variants)('a producer in a page, with %s', (_, locks) => {
  let server: GatewayServer;
  let indexedDB: IDBFactory;
  let tabs: Producer[];
  let problems: DeliveryProblem[];
  let drops: Drop[];
  let now: number;
  let stopTimers: (() => void)[];

  beforeAll(() => {
    globalThis.IDBKeyRange = IDBKeyRange;
  });

  beforeEach(async () => {
    indexedDB = new IDBFactory();
    tabs = [];
    problems = [];
    drops = [];
    stopTimers = [];
    now = Date.now();
  });

  afterEach(async () => {
    await Promise.all(tabs.map(tab => tab.close({ timeoutMs: 1 })));
    await server.stop();
  });

  function openTab(
    options: Partial<ProducerOptions> = {},
    parts: Partial<BrowserParts> = {},
  ): Producer {
    const offset = now;
    const tab = createProducerWith(
      {
        gatewayUrl: server.url,
        writeKey: 'mr_key',
        source: '/page',
        flushIntervalMs: 1,
        retry: { initialDelayMs: 1, maxDelayMs: 20 },
        onError: problem => problems.push(problem),
        onDrop: drop => drops.push(drop),
        queue: { name: `db-${expect.getState().currentTestName}` },
        clock: {
          now: () => offset + performance.now(),
          schedule: (callback, delayMs) => {
            const timer = setTimeout(callback, delayMs);
            stopTimers.push(() => clearTimeout(timer));
            return () => clearTimeout(timer);
          },
        },
        ...options,
      },
      { indexedDB, locks, ...parts },
    );
    tabs.push(tab);
    return tab;
  }

  /** The tab is gone: closing gives its locks back, and nothing of it goes on. */
  async function crash(tab: Producer): Promise<void> {
    await tab.close({ timeoutMs: 0 });
    stopTimers.splice(0).forEach(stop => stop());
    // Its lease runs out.
    now += 10 * 60_000;
  }

  const receivedIds = () =>
    server.requests.flatMap(({ events }) => events.map(({ id }) => id));

  it('stores events before it says that they are durable, and sends them', async () => {
    server = await startGatewayServer();
    const tab = openTab();
    const enqueued = await tab.enqueue({ type: 't', data: {} });
    await tab.flush();

    expect(enqueued.isDurable).toBe(true);
    expect(receivedIds()).toEqual([enqueued.id]);
    expect(tab.stats()).toMatchObject({ accepted: 1, buffered: 0 });
  });

  it('sends what a tab that is gone has left, as it was, and once', async () => {
    server = await startGatewayServer(...Array(50).fill(neverAnswer));
    const first = openTab();
    const sent = await Promise.all(
      [1, 2, 3].map(n => first.enqueue({ type: 't', data: { n } })),
    );
    await crash(first);
    await server.stop();
    server = await startGatewayServer();

    const second = openTab();
    await second.ready();
    await second.flush();
    expect(second.epoch).not.toBe(first.epoch);
    expect(second.stats()).toMatchObject({ recovered: 3, accepted: 3 });
    const received = server.requests.flatMap(({ events }) => events);
    expect(received).toMatchObject(
      sent.map(({ id, epoch, sequence }) => ({ id, epoch, sequence })),
    );

    await crash(second);
    const third = openTab();
    await third.ready();
    expect(third.stats().recovered).toBe(0);
  });

  it('leaves alone what a living tab looks after', async () => {
    server = await startGatewayServer(...Array(50).fill(neverAnswer));
    const first = openTab();
    await first.enqueue({ type: 't', data: {} });
    const second = openTab();
    await second.ready();

    expect(second.stats()).toMatchObject({ recovered: 0, buffered: 0 });
  });

  it('lets only one of several tabs take over what is left', async () => {
    server = await startGatewayServer(...Array(50).fill(neverAnswer));
    const first = openTab();
    await first.enqueue({ type: 't', data: {} });
    await crash(first);

    const others = [openTab(), openTab(), openTab()];
    await Promise.all(others.map(tab => tab.ready()));

    const taken = others.map(tab => tab.stats().recovered);
    expect(taken.sort()).toEqual([0, 0, 1]);
  });

  it('gives up the oldest beyond its bound, in memory as in the database', async () => {
    server = await startGatewayServer(...Array(50).fill(neverAnswer));
    const first = openTab({ queue: { name: 'bound', maxBytes: 20_000 } });
    const data = { text: 'x'.repeat(500) };
    for (let n = 0; n < 100; n++) {
      await first.enqueue({ type: 't', data });
    }
    const { buffered, bufferedBytes, dropped } = first.stats();
    expect(bufferedBytes).toBeLessThanOrEqual(20_000);
    expect(dropped).toBe(100 - buffered);
    expect(drops.reduce((sum, drop) => sum + drop.events, 0)).toBe(dropped);
    await crash(first);

    const second = openTab({ queue: { name: 'bound', maxBytes: 20_000 } });
    await second.ready();
    expect(second.stats().recovered).toBe(buffered);
  });

  it('keeps on in memory when there is no database, and says so', async () => {
    server = await startGatewayServer();
    const tab = openTab({}, { indexedDB: undefined });
    const enqueued = await tab.enqueue({ type: 't', data: {} });
    await tab.flush();

    expect(enqueued.isDurable).toBe(false);
    expect(receivedIds()).toEqual([enqueued.id]);
    expect(problems[0].error.code).toBe('queue_unavailable');
  });

  it('sends a beacon with the oldest events when the page goes, and keeps them', async () => {
    server = await startGatewayServer(...Array(50).fill(neverAnswer));
    const testPage = new TestPage();
    const tab = openTab({}, { page: testPage.page });
    const ids: string[] = [];
    for (let n = 0; n < 300; n++) {
      const { id } = await tab.enqueue({
        type: 't',
        data: { text: 'x'.repeat(300) },
      });
      ids.push(id);
    }
    testPage.hide();

    const [{ url, body }] = testPage.beacons;
    expect(url).toBe(`${server.url}/v1/events?writeKey=mr_key`);
    expect(body.length).toBeLessThanOrEqual(60_000);
    const carried: { id: string }[] = JSON.parse(body);
    expect(carried.length).toBeGreaterThan(80);
    expect(carried.map(({ id }) => id)).toEqual(ids.slice(0, carried.length));
    expect(tab.stats().buffered).toBe(300);
  });

  it('sends a smaller beacon when the browser takes no larger one', async () => {
    server = await startGatewayServer(...Array(50).fill(neverAnswer));
    const testPage = new TestPage();
    testPage.maxBeaconBytes = 5_000;
    const tab = openTab({}, { page: testPage.page });
    for (let n = 0; n < 60; n++) {
      await tab.enqueue({ type: 't', data: { text: 'x'.repeat(300) } });
    }
    testPage.hide();

    expect(testPage.beacons).toHaveLength(1);
    await tab.close({ timeoutMs: 1 });
    expect(testPage.isListening).toBe(false);
  });

  it('asks the browser to finish small requests only after the page is gone', async () => {
    const settings: RequestInit[] = [];
    server = await startGatewayServer();
    const tab = openTab({
      fetch: (url, init) => {
        settings.push(init!);
        return fetch(url, init);
      },
    });
    await tab.send({ type: 't', data: {} });
    await tab.send({ type: 't', data: { text: 'x'.repeat(70_000) } });

    expect(settings.map(({ keepalive }) => keepalive)).toEqual([true, false]);
    expect(settings.map(({ credentials }) => credentials)).toEqual([
      'omit',
      'omit',
    ]);
  });

  it('stores nothing when told to use memory', async () => {
    server = await startGatewayServer(accept);
    const tab = openTab({ queue: 'memory' });
    const enqueued = await tab.enqueue({ type: 't', data: {} });
    await tab.flush();

    expect(enqueued.isDurable).toBe(false);
    expect(await indexedDB.databases()).toEqual([]);
  });
});

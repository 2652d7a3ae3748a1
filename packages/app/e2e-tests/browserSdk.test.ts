import { createServer, IncomingMessage, Server } from 'node:http';
import { createRequire } from 'node:module';
import { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, Page, test } from '@playwright/test';

const sdk = path.resolve(__dirname, '../../sdk');

interface ReceivedEvent {
  id: string;
  epoch: string;
  sequence: number;
}

interface ReceivedRequest {
  method: string;
  url: URL;
  headers: IncomingMessage['headers'];
  events: ReceivedEvent[];
}

/** The part of the SDK that the pages of this test call. */
interface PageSdk {
  createProducer(options: object): {
    epoch: string;
    ready(): Promise<void>;
    enqueue(event: object): Promise<{ id: string; isDurable: boolean }>;
    send(event: object): Promise<{ status: string }>;
    flush(): Promise<void>;
    stats(): Record<string, number>;
  };
}

declare global {
  interface Window {
    millrace: PageSdk;
    producer: ReturnType<PageSdk['createProducer']>;
  }
}

/**
 * The browser entry of the SDK in a real browser: its IndexedDB, its Web Locks,
 * its beacons and its rules about other origins. The gateway is an HTTP server
 * that answers as one does, and can be told to be away.
 */
test.describe('the SDK in a browser', () => {
  let pages: Server;
  let gateway: Server;
  let requests: ReceivedRequest[];
  let isAway: boolean;

  const urlOf = (server: Server) =>
    `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  test.beforeAll(async () => {
    const { build } = createRequire(path.join(sdk, 'package.json'))('esbuild');
    const { outputFiles } = await build({
      entryPoints: [path.join(sdk, 'src/browser.ts')],
      bundle: true,
      minify: true,
      platform: 'browser',
      format: 'iife',
      globalName: 'millrace',
      write: false,
    });
    const script: string = outputFiles[0].text;
    pages = createServer((request, response) => {
      const isScript = request.url === '/sdk.js';
      response.setHeader(
        'content-type',
        isScript ? 'text/javascript' : 'text/html',
      );
      response.end(
        isScript ? script : '<!doctype html><script src="/sdk.js"></script>',
      );
    });
    gateway = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', chunk => chunks.push(chunk));
      request.on('end', () => {
        response.setHeader('access-control-allow-origin', '*');
        if (request.method === 'OPTIONS') {
          response.setHeader(
            'access-control-allow-headers',
            'authorization, content-type, content-encoding',
          );
          response.statusCode = 204;
          response.end();
          return;
        }
        const events: ReceivedEvent[] = JSON.parse(
          Buffer.concat(chunks).toString(),
        );
        requests.push({
          method: String(request.method),
          url: new URL(String(request.url), 'http://gateway'),
          headers: request.headers,
          events,
        });
        if (isAway) {
          response.statusCode = 503;
        }
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify(
            isAway
              ? { error: { reason: 'not_ready', message: 'Not now' } }
              : {
                  status: 'stored',
                  receipt: 'receipt',
                  accepted: events.length,
                  refused: 0,
                  failed: [],
                },
          ),
        );
      });
    });
    for (const server of [pages, gateway]) {
      await new Promise<void>(resolve => {
        server.listen(0, '127.0.0.1', resolve);
      });
    }
  });

  test.beforeEach(() => {
    requests = [];
    isAway = false;
  });

  test.afterAll(() => {
    for (const server of [pages, gateway]) {
      server?.close();
      server?.closeAllConnections();
    }
  });

  async function openTab(page: Page): Promise<void> {
    await page.goto(urlOf(pages));
    await page.evaluate(gatewayUrl => {
      window.producer = window.millrace.createProducer({
        gatewayUrl,
        writeKey: 'mr_browserkey',
        source: '/page',
        flushIntervalMs: 1,
        retry: { initialDelayMs: 50, maxDelayMs: 200 },
      });
      return window.producer.ready();
    }, urlOf(gateway));
  }

  const enqueue = (page: Page, count: number) =>
    page.evaluate(async events => {
      const enqueued: { id: string; isDurable: boolean }[] = [];
      for (let n = 0; n < events; n++) {
        enqueued.push(
          await window.producer.enqueue({ type: 'page.seen', data: { n } }),
        );
      }
      return enqueued;
    }, count);

  const accepted = () =>
    requests.flatMap(({ events }) => events.map(({ id }) => id));

  test('sends across origins, with the key in a header', async ({ page }) => {
    await openTab(page);
    const verdict = await page.evaluate(() =>
      window.producer.send({ type: 'page.seen', data: {} }),
    );

    expect(verdict.status).toBe('accepted');
    expect(requests).toHaveLength(1);
    expect(requests[0].headers.authorization).toBe('Bearer mr_browserkey');
    expect(requests[0].url.search).toBe('');
  });

  test('sends a beacon when the page goes, and the next page sends what had no verdict', async ({
    page,
  }) => {
    isAway = true;
    await openTab(page);
    const enqueued = await enqueue(page, 5);
    expect(enqueued.every(({ isDurable }) => isDurable)).toBe(true);
    await page.goto('about:blank');

    const beacon = () =>
      requests.find(({ url }) => url.searchParams.has('writeKey'));
    await expect.poll(beacon).toBeTruthy();
    expect(beacon()?.url.searchParams.get('writeKey')).toBe('mr_browserkey');
    expect(beacon()?.headers['content-type']).toContain('text/plain');
    const ids = enqueued.map(({ id }) => id);
    expect(beacon()?.events.map(({ id }) => id)).toEqual(ids);

    isAway = false;
    requests = [];
    await openTab(page);
    await expect.poll(() => accepted().sort()).toEqual([...ids].sort());
    const stats = await page.evaluate(() => window.producer.stats());
    expect(stats).toMatchObject({ recovered: 5, sent: 0 });
  });

  test('takes over from a tab that was closed, and not from one that lives', async ({
    context,
  }) => {
    isAway = true;
    const [closing, living] = [
      await context.newPage(),
      await context.newPage(),
    ];
    await openTab(closing);
    await openTab(living);
    const left = await enqueue(closing, 3);
    const kept = await enqueue(living, 4);
    await closing.close({ runBeforeUnload: false });

    const next = await context.newPage();
    await openTab(next);
    const recovered = () =>
      next.evaluate(() => window.producer.stats().recovered);
    expect(await recovered()).toBe(left.length);

    isAway = false;
    requests = [];
    await Promise.all(
      [living, next].map(tab => tab.evaluate(() => window.producer.flush())),
    );
    const ids = [...left, ...kept].map(({ id }) => id);
    expect(accepted().sort()).toEqual(ids.sort());
  });
});

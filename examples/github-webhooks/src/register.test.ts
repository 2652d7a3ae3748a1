import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Answer, ReceivedRequest, startServer } from './__testUtils__/server';
import { githubEventTypes } from './eventTypes';
import { registerGithubEventTypes } from './register';

const NAMES = githubEventTypes().map(({ name }) => name);
const REGISTRY = '/api/event-types/event-types';

/** A portal and its gateway, as far as registering sees them. */
function createPlatform() {
  const platform = {
    registered: new Map<string, unknown>(),
    keys: [] as string[],
    token: 'first',
    /** Requests to answer with 503, as while starting. */
    unavailable: 0,
    provisionedAfter: 0,
    generation: 3,
    /** What the gateway runs; one more each time somebody asks. */
    rolledOut: 0,
    /** Registrations to answer with 403. */
    refused: 0,
    requests: [] as ReceivedRequest[],
  };

  function answerPortal(request: ReceivedRequest): Answer {
    const { method, path: url, headers, body } = request;
    if (url === '/api/auth/demo/refresh') {
      return headers['x-millrace-demo-identity'] === 'user:default/owner'
        ? {
            status: 200,
            body: { backstageIdentity: { token: platform.token } },
          }
        : { status: 401, body: {} };
    }
    if (headers.authorization !== `Bearer ${platform.token}`) {
      return { status: 401, body: {} };
    }
    if (method === 'POST' && url === REGISTRY) {
      if (platform.refused > 0) {
        platform.refused -= 1;
        return { status: 403, body: {} };
      }
      const declaration = body as { name: string };
      if (platform.registered.has(declaration.name)) {
        return { status: 409, body: {} };
      }
      platform.registered.set(declaration.name, declaration);
      // A token may expire at any moment.
      platform.token = `after ${platform.registered.size}`;
      return { status: 201, body: declaration };
    }
    if (method === 'GET' && url.startsWith(REGISTRY)) {
      const name = url.slice(REGISTRY.length + 1);
      return { status: 200, body: platform.registered.get(name) };
    }
    if (method === 'POST' && url === '/api/delivery/write-keys') {
      const writeKey = `mr_${platform.keys.length + 1}`;
      platform.keys.push(writeKey);
      return { status: 201, body: { keyId: writeKey, writeKey } };
    }
    if (url === '/api/delivery/overview') {
      platform.provisionedAfter -= 1;
      return {
        status: 200,
        body: {
          items: [...platform.registered.keys()].map(eventType => ({
            eventType,
            conditions: [
              { type: 'Provisioned', reached: platform.provisionedAfter < 0 },
            ],
          })),
        },
      };
    }
    if (url === '/api/delivery/status') {
      const { generation } = platform;
      platform.rolledOut = Math.min(platform.rolledOut + 1, generation);
      return {
        status: 200,
        body: {
          generation,
          gateways: [
            { alive: true, generation: platform.rolledOut },
            { alive: false, generation: 0 },
          ],
        },
      };
    }
    return { status: 500, body: { error: `unexpected ${method} ${url}` } };
  }

  return {
    platform,
    portal(request: ReceivedRequest): Answer {
      platform.requests.push(request);
      if (platform.unavailable > 0) {
        platform.unavailable -= 1;
        return { status: 503, body: {} };
      }
      return answerPortal(request);
    },
    gateway({ headers }: ReceivedRequest): Answer {
      const key = headers.authorization?.replace('Bearer ', '') ?? '';
      return platform.keys.includes(key)
        ? { status: 400, body: {} }
        : { status: 401, body: {} };
    },
  };
}

describe('registerGithubEventTypes', () => {
  let dataDir: string;
  const stops: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    dataDir = await fs.mkdtemp(path.join(os.tmpdir(), 'webhooks-'));
  });

  afterEach(async () => {
    await Promise.all(stops.splice(0).map(stop => stop()));
    await fs.rm(dataDir, { recursive: true });
  });

  async function start() {
    const { platform, portal, gateway } = createPlatform();
    const servers = await Promise.all([
      startServer(portal),
      startServer(gateway),
    ]);
    stops.push(...servers.map(({ stop }) => stop));
    const log: string[] = [];
    const register = () =>
      registerGithubEventTypes({
        portalUrl: servers[0].url,
        gatewayUrl: servers[1].url,
        dataDir,
        pollMs: 1,
        provisionTimeoutMs: 300,
        log: message => log.push(message),
      });
    return { platform, register, log };
  }

  it('waits for the portal, registers everything and keeps the key to itself', async () => {
    const { platform, register } = await start();
    platform.unavailable = 3;
    platform.provisionedAfter = 2;
    expect(await register()).toEqual({ eventTypes: NAMES, writeKey: 'mr_1' });
    expect(platform.rolledOut).toBe(platform.generation);
    expect([...platform.registered.keys()]).toEqual(NAMES);
    expect(platform.registered.get('github.push')).toMatchObject({
      owner: 'group:default/webhooks',
      tier: 'critical',
      schema: { type: 'record', name: 'github_push' },
    });
    const keyRequest = platform.requests.find(
      ({ path: url }) => url === '/api/delivery/write-keys',
    );
    expect(keyRequest?.body).toMatchObject({ eventTypes: NAMES });
    const [file] = await fs.readdir(dataDir);
    const { mode } = await fs.stat(path.join(dataDir, file));
    expect(mode.toString(8).slice(-3)).toBe('600');
  });

  it('changes nothing when called again, and says what it found different', async () => {
    const { platform, register, log } = await start();
    await register();
    platform.registered.set('github.push', {
      schema: { type: 'record', name: 'other', fields: [] },
    });
    expect(await register()).toMatchObject({ writeKey: 'mr_1' });
    expect(platform.keys).toHaveLength(1);
    expect(log.filter(line => line.includes('another schema'))).toEqual([
      expect.stringContaining('github.push'),
    ]);
  });

  it('creates another key when the kept one is not known any more', async () => {
    const { platform, register } = await start();
    await register();
    platform.keys = ['mr_revoked'];
    expect(await register()).toMatchObject({ writeKey: 'mr_2' });
  });

  it('takes a key file cut short by a crash for none', async () => {
    const { register } = await start();
    await fs.writeFile(path.join(dataDir, 'write-key.json'), '{"keyId":"m');
    expect(await register()).toMatchObject({ writeKey: 'mr_1' });
  });

  it("fails with the portal's answer when it refuses, without a retry", async () => {
    const { platform, register } = await start();
    platform.refused = 1;
    await expect(register()).rejects.toThrow(
      'The portal answered 403 to: register github.check_run',
    );
    expect(platform.registered.size).toBe(0);
  });

  it('waits for a portal that is not there until it is told to stop', async () => {
    const { url, stop } = await startServer(() => undefined);
    await stop();
    const controller = new AbortController();
    const registration = registerGithubEventTypes({
      portalUrl: url,
      gatewayUrl: url,
      dataDir,
      pollMs: 1,
      signal: controller.signal,
    });
    controller.abort(new Error('told to stop'));
    await expect(registration).rejects.toThrow();
    expect(await fs.readdir(dataDir)).toEqual([]);
  });
});

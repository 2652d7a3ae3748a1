import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import { PubSub } from '@google-cloud/pubsub';
import {
  beginRestoredLineage,
  createLedgerClient,
  createWriteKey,
  CreateWriteKeyOptions,
  listGateways,
  listWriteKeys,
  migrateLedger,
  NewWriteKey,
  publishConfigSnapshot,
  revokeWriteKey,
  rotateWriteKey,
  setWriteKeyExpiry,
} from '@millrace/ledger';
import { RunningBroker, startBroker } from '@millrace/pubsub-local';
import type { Knex } from 'knex';
import {
  createSnapshot,
  event,
  silentLogger,
  STRANGER_KEY,
} from '../__testUtils__/fixtures';
import { startTcpProxy, TcpProxy } from '../__testUtils__/tcpProxy';
import { createBorrowedRoutes } from '../borrowed';
import { systemClock } from '../clock';
import { Gateway, startGateway } from '../gateway';
import { DEFAULT_LIMITS } from '../options';
import { createAccess } from './access';
import { AccessLimits, DEFAULT_ACCESS_LIMITS } from './limits';

const PROJECT = 'millrace';
const OWNER = 'user:default/tester';

/** What is promised: from the answer to a revocation to its effect everywhere. */
const REVOKED_WITHIN_MS = 5_000;

jest.setTimeout(60_000);

describe('write keys at two gateways', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let folder: string;
  let broker: RunningBroker;
  let db: Knex;
  let proxy: TcpProxy;
  let ledger: Knex;
  let gateways: Gateway[];
  let files: string[];
  let lastFolder = 0;

  const publish = (bucketSeconds = 60) =>
    publishConfigSnapshot(db, {
      bucketSeconds,
      eventTypes: createSnapshot().eventTypes,
    });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-'));
    broker = await startBroker({
      dataDir: join(folder, 'broker'),
      port: 0,
      logger: silentLogger,
    });
    process.env.PUBSUB_EMULATOR_HOST = `127.0.0.1:${broker.port}`;
    const pubsub = new PubSub({ projectId: PROJECT });
    for (const type of createSnapshot().eventTypes) {
      for (const [topic, subscription] of [
        [type.topic, type.subscription],
        [type.refusedTopic, type.refusedSubscription],
      ]) {
        await pubsub.createTopic(topic);
        await pubsub.topic(topic).createSubscription(subscription);
      }
    }
    await pubsub.createTopic('refused-events');
    await pubsub.close();
  });

  beforeEach(async () => {
    db = await databases.init('POSTGRES_18');
    await migrateLedger(db);
    const { host, port, user, password, database } =
      db.client.connectionSettings;
    proxy = await startTcpProxy({ host, port: Number(port) });
    ledger = createLedgerClient({
      connectionString: `postgresql://${user}:${password}@127.0.0.1:${proxy.port}/${database}`,
    });
    await publish();
    gateways = [];
    files = [1, 2].map(() => join(folder, `snapshot-${++lastFolder}.json`));
  });

  afterEach(async () => {
    await Promise.all(gateways.map(gateway => gateway.stop()));
    await ledger.destroy();
    await proxy.cut();
  });

  afterAll(async () => {
    await broker.stop();
    await rm(folder, { recursive: true });
    delete process.env.PUBSUB_EMULATOR_HOST;
  });

  const eachReady = () =>
    Promise.all(
      gateways.map(
        async ({ port }) => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok,
      ),
    );

  async function start(accessLimits: Partial<AccessLimits> = {}) {
    gateways = await Promise.all(
      files.map((snapshotFile, index) =>
        startGateway({
          gatewayId: `gateway-${index + 1}`,
          port: 0,
          projectId: PROJECT,
          ledger,
          snapshotFile,
          logger: silentLogger,
          accessLimits,
          limits: { drainTimeoutMs: 3_000 },
        }),
      ),
    );
    await until(async () => (await eachReady()).every(Boolean));
  }

  const create = (options: Partial<CreateWriteKeyOptions> = {}) =>
    createWriteKey(db, { name: 'test', createdBy: OWNER, ...options });

  async function post(
    gateway: Gateway,
    options: { authorization?: string; query?: string; type?: string },
  ) {
    const response = await fetch(
      `http://127.0.0.1:${gateway.port}/v1/events${options.query ?? ''}`,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(options.authorization && {
            authorization: options.authorization,
          }),
        },
        body: JSON.stringify([event({ type: options.type ?? 'shop.order' })]),
      },
    );
    return { response, body: await response.json() };
  }

  /** The status that each gateway answers the key with. */
  const statuses = ({ writeKey }: NewWriteKey, type?: string) =>
    Promise.all(
      gateways.map(
        async gateway =>
          (await post(gateway, { authorization: `Bearer ${writeKey}`, type }))
            .response.status,
      ),
    );

  const everywhere = (key: NewWriteKey, status: number) =>
    until(async () => (await statuses(key)).every(each => each === status));

  it('work everywhere soon after they were created, and nowhere 5 s after they were revoked', async () => {
    await start();
    const kept = await create();
    const revoked = await create();
    await everywhere(kept, 200);
    await everywhere(revoked, 200);

    await revokeWriteKey(db, revoked);
    const revokedAt = Date.now();
    await everywhere(revoked, 401);
    expect(Date.now() - revokedAt).toBeLessThan(REVOKED_WITHIN_MS);
    expect(await statuses(kept)).toEqual([200, 200]);
  });

  it('are revoked in time also when no gateway hears of it', async () => {
    const key = await create();
    await start();
    await everywhere(key, 200);
    // A revocation that is taken back tells nobody; what it wrote is then put
    // in place as a write without a word.
    let silent: object | undefined;
    await db
      .transaction(async tx => {
        await revokeWriteKey(tx, key);
        silent = await tx('config_snapshots')
          .orderBy('generation', 'desc')
          .first();
        throw new Error('taken back');
      })
      .catch(() => {});
    await db('config_snapshots').insert(
      Object.fromEntries(
        Object.entries(silent!).map(([column, value]) => [
          column,
          column === 'content' ? JSON.stringify(value) : value,
        ]),
      ),
    );
    const revokedAt = Date.now();
    await everywhere(key, 401);
    expect(Date.now() - revokedAt).toBeLessThan(REVOKED_WITHIN_MS);
  });

  it('change over without a refused request, and the old one is seen to fall silent', async () => {
    const old = await create({ producer: 'shop' });
    await start();
    await everywhere(old, 200);
    const successor = (await rotateWriteKey(db, {
      keyId: old.keyId,
      graceMs: 60_000,
      createdBy: OWNER,
    }))!;
    await everywhere(successor, 200);
    expect(await statuses(old)).toEqual([200, 200]);

    const usesOf = async ({ keyId }: NewWriteKey) =>
      (await listWriteKeys(db, { keyId }))[0].uses;
    await until(async () => {
      const uses = await usesOf(successor);
      return uses.length === 2 && uses.every(({ events }) => events > 0);
    });
    const before = await usesOf(old);
    expect(before.map(({ gateway }) => gateway).sort()).toEqual([
      'gateway-1',
      'gateway-2',
    ]);
    await statuses(successor);
    const [{ lastUsedAt }] = await usesOf(successor);
    await until(
      async () => (await usesOf(successor))[0].lastUsedAt > lastUsedAt,
    );
    expect(await usesOf(old)).toEqual(before);

    await setWriteKeyExpiry(db, {
      keyId: old.keyId,
      expiresAt: new Date(Date.now() + 1_000),
    });
    await everywhere(old, 401);
    await until(async () =>
      (await usesOf(old)).every(use => use.refusedRequests > 0),
    );
    expect(await statuses(successor)).toEqual([200, 200]);
  });

  it('work and expire as before while the database is away, also in a next life', async () => {
    const kept = await create();
    const expiring = await create();
    await setWriteKeyExpiry(db, {
      keyId: expiring.keyId,
      expiresAt: new Date(Date.now() + 6_000),
    });
    await start();
    await everywhere(kept, 200);
    await everywhere(expiring, 200);
    // The database client logs each lost connection.
    const log = jest.spyOn(console, 'log').mockImplementation();
    await proxy.cut();
    const [first] = gateways;
    await first.stop();
    gateways = gateways.slice(1);
    files = files.slice(0, 1);
    const [second] = gateways;
    await start();
    gateways.push(second);

    expect(await statuses(kept)).toEqual([200, 200]);
    await everywhere(expiring, 401);
    expect(await statuses(kept)).toEqual([200, 200]);
    await proxy.restore();
    log.mockRestore();
  });

  it('stay as they are when the ledger is restored, until somebody says so', async () => {
    const key = await create();
    await start();
    await everywhere(key, 200);
    const generationOf = async () =>
      (await listGateways(db, { activeSince: new Date(0) })).map(
        ({ generation }) => generation,
      );
    await until(async () =>
      (await generationOf()).every(generation => generation === 2),
    );
    // Back to before the key was created.
    await db('config_snapshots').where('generation', '>', 1).delete();
    await db.raw('TRUNCATE write_keys CASCADE');
    const later = await create();
    await publish(3600);
    await publish(60);
    await until(async () => {
      const rows = await listGateways(db, { activeSince: new Date(0) });
      return rows.every(
        ({ heartbeatAt, snapshotCheckedAt }) =>
          +heartbeatAt - +snapshotCheckedAt! > 2_500,
      );
    });
    expect(await generationOf()).toEqual([2, 2]);
    expect(await statuses(key)).toEqual([200, 200]);
    expect(await statuses(later)).toEqual([401, 401]);

    await beginRestoredLineage(db);
    await everywhere(key, 401);
    await everywhere(later, 200);
  });

  it('are not lost by a snapshot that is damaged in the ledger or on the disk', async () => {
    const key = await create();
    await start();
    await everywhere(key, 200);
    await db('config_snapshots').insert({
      ...(await db('config_snapshots').orderBy('generation', 'desc').first()),
      generation: 50,
      content: JSON.stringify({
        bucketSeconds: 60,
        eventTypes: [],
        writeKeys: [],
      }),
    });
    await until(async () => {
      const rows = await listGateways(db, { activeSince: new Date(0) });
      return rows.every(
        ({ heartbeatAt, snapshotCheckedAt }) =>
          +heartbeatAt - +snapshotCheckedAt! > 2_500,
      );
    });
    expect(await statuses(key)).toEqual([200, 200]);
    await db('config_snapshots').where({ generation: 50 }).delete();

    await gateways[0].stop();
    const whole = await readFile(files[0], 'utf8');
    await writeFile(files[0], whole.slice(0, whole.length - 100));
    gateways = gateways.slice(1);
    const [second] = gateways;
    files = files.slice(0, 1);
    await start();
    gateways.push(second);
    expect(await statuses(key)).toEqual([200, 200]);
  });

  it.each<[string, Partial<CreateWriteKeyOptions>, number[]]>([
    ['a server key for all types', {}, [200, 200, 401]],
    [
      'a server key for orders',
      { eventTypes: ['shop.order'] },
      [200, 403, 401],
    ],
    [
      'a browser key for orders',
      { kind: 'browser', eventTypes: ['shop.order'] },
      [200, 403, 200],
    ],
  ])(
    'let %s send what it is for, the way it may come',
    async (_name, options, [order, refund, inUrl]) => {
      const key = await create(options);
      await start();
      await everywhere(key, order);
      expect(await statuses(key, 'shop.refund')).toEqual([refund, refund]);
      const { response, body } = await post(gateways[0], {
        query: `?writeKey=${key.writeKey}`,
      });
      expect(response.status).toBe(inUrl);
      expect(JSON.stringify(body)).toContain(
        inUrl === 200 ? '"accepted":1' : 'URL',
      );
    },
  );

  it('are asked for by every route that takes events, however it is called', async () => {
    const good = await create();
    const revoked = await create();
    await revokeWriteKey(db, revoked);
    const expired = await create();
    await setWriteKeyExpiry(db, {
      keyId: expired.keyId,
      expiresAt: new Date(Date.now() + 1),
    });
    await start({ failedAuthenticationsPerSecondPerAddress: 1_000 });
    const [{ port }] = gateways;
    const routes = [
      '/v1/events',
      ...createBorrowedRoutes({
        access: createAccess({
          snapshot: () => undefined,
          clock: systemClock,
          limits: DEFAULT_ACCESS_LIMITS,
        }),
        takeEvents: async () => [],
        limits: DEFAULT_LIMITS,
      })
        .filter(({ method }) => method === 'POST')
        .map(({ path }) => path),
    ];
    expect(routes.length).toBeGreaterThan(10);
    const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
    const ways: [string, string, Record<string, string>, string][] = [
      ['no key', '', {}, 'missing_write_key'],
      ['a typo', '', bearer(`${good.writeKey}x`), 'invalid_write_key'],
      ['nobody’s key', '', bearer(STRANGER_KEY), 'invalid_write_key'],
      ['a revoked key', '', bearer(revoked.writeKey), 'invalid_write_key'],
      ['an expired key', '', bearer(expired.writeKey), 'invalid_write_key'],
      [
        'an expired key in X-Write-Key',
        '',
        { 'x-write-key': expired.writeKey },
        'invalid_write_key',
      ],
      [
        'a server key in the URL',
        `?writeKey=${good.writeKey}`,
        {},
        'invalid_write_key',
      ],
    ];
    const call = async (
      path: string,
      query: string,
      headers: Record<string, string>,
    ) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{}',
      });
      return [response.status, (await response.json()).error?.reason];
    };
    for (const path of routes) {
      for (const [name, query, headers, reason] of ways) {
        const answer = await call(path, query, headers);
        expect([path, name, ...answer]).toEqual([path, name, 401, reason]);
      }
      const [status] = await call(path, '', bearer(good.writeKey));
      expect([path, status]).not.toEqual([path, 401]);
    }
  });

  it('are limited by what they were given, and told so', async () => {
    const key = await create({
      kind: 'browser',
      eventTypes: ['shop.order'],
      eventsPerSecond: 1,
    });
    await start({ burstSeconds: 1 });
    await everywhere(key, 200);
    const [gateway] = gateways;
    const send = (count: number) =>
      fetch(`http://127.0.0.1:${gateway.port}/v1/events`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${key.writeKey}`,
        },
        body: JSON.stringify(Array.from({ length: count }, () => event())),
      });
    expect((await send(400)).status).toBe(200);
    const refused = await send(400);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(200);
    expect(await refused.json()).toMatchObject({
      error: {
        reason: 'rate_limited',
        limit: { name: 'eventsPerSecond', value: 1 },
      },
    });
    expect((await send(501)).status).toBe(413);
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

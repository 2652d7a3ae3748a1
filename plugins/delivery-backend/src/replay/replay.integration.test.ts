import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import { startWorker, type Worker } from '@millrace/delivery-worker';
import { type Gateway, startGateway } from '@millrace/gateway';
import { LocalLakeStore } from '@millrace/lake';
import type {
  Fix,
  RefusedEvents,
  RefusedGroups,
  ReplayDetail,
  ReplayPreview,
} from '@millrace/plugin-delivery-common';
import fc from 'fast-check';
import { eventType } from '../__testUtils__/eventType';
import { PROJECT_ID } from '../__testUtils__/startTestBroker';
import {
  type RunningDelivery,
  startDelivery,
} from '../__testUtils__/startDelivery';
import { until } from '../__testUtils__/until';
import { DeliveredIds } from './DeliveredIds';
import { ReplayRunner } from './ReplayRunner';

jest.setTimeout(180_000);

process.env.METADATA_SERVER_DETECTION = 'none';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const TYPE = 'shop.order';
const SECONDS = 10;

/** The whole chain, with real parts: HTTP, gateway, broker, worker, lake. */
describe('refused events', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  const realFetch = globalThis.fetch;
  let root: string;
  let delivery: RunningDelivery;
  let gateway: Gateway;
  let worker: Worker;
  let writeKey: string;
  let keyId: string;

  beforeAll(async () => {
    root = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-replay-'));
    delivery = await startDelivery({
      databases,
      eventTypes: [
        eventType(TYPE, 'group:default/webhooks'),
        eventType('shop.refund', 'group:default/webhooks'),
        eventType('shop.ship', 'group:default/shop'),
      ],
      bucket: `PT${SECONDS}S`,
    });
    process.env.PUBSUB_EMULATOR_HOST = delivery.broker.address;
    const { body: key } = await delivery
      .api('post', '/write-keys', 'owner')
      .send({
        name: 'orders',
        producer: 'shop-web',
        eventTypes: [TYPE, 'shop.refund'],
      });
    ({ writeKey, keyId } = key);
    gateway = await startGateway({
      gatewayId: 'gateway-1',
      port: 0,
      projectId: PROJECT_ID,
      ledger: delivery.ledger,
      snapshotFile: path.join(root, 'snapshot.json'),
      logger: silent,
      // The tests send from one address what thousands of senders would.
      accessLimits: {},
    });
    worker = await startWorker({
      workerId: 'worker-1',
      projectId: PROJECT_ID,
      emulatorHost: delivery.broker.address,
      ledger: delivery.ledger,
      lakeRoot: delivery.lakeRoot,
      stagingDir: path.join(root, 'staging'),
      pollIntervalMs: 200,
      logger: silent,
    });
    await until(async () => {
      const ready = await realFetch(`http://127.0.0.1:${gateway.port}/readyz`);
      return ready.ok;
    });
  });
  afterAll(async () => {
    await worker?.stop();
    await gateway?.stop();
    await delivery?.stop();
    delete process.env.PUBSUB_EMULATOR_HOST;
    await fs.rm(root, { recursive: true, force: true });
  });
  afterEach(() => {
    globalThis.fetch = realFetch;
  });

  async function post(texts: string[]) {
    const reply = await realFetch(
      `http://127.0.0.1:${gateway.port}/v1/events`,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/cloudevents-batch+json',
          authorization: `Bearer ${writeKey}`,
        },
        body: `[${texts.join(',')}]`,
      },
    );
    return await reply.json();
  }

  const text = (event: object) =>
    JSON.stringify({
      specversion: '1.0',
      source: '/shop',
      type: TYPE,
      data: {},
      ...event,
    });

  const refused = async (query: string): Promise<RefusedEvents> =>
    (await delivery.api('get', `/event-types/${TYPE}/refused?${query}`)).body;

  const preview = async (body: object): Promise<ReplayPreview> => {
    const url = `/event-types/${TYPE}/replays/preview`;
    const answer = await delivery.api('post', url).send(body);
    expect([answer.status, answer.body]).toEqual([200, expect.anything()]);
    return answer.body;
  };

  const replay = async (body: object): Promise<string> => {
    const url = `/event-types/${TYPE}/replays`;
    const answer = await delivery
      .api('post', url)
      .send({ reason: 'a test', ...body });
    expect([answer.status, answer.body]).toEqual([201, expect.anything()]);
    return answer.body.replayId;
  };

  const stateOf = async (replayId: string): Promise<ReplayDetail> =>
    (
      await delivery.api(
        'get',
        `/event-types/${TYPE}/replays/${replayId}?limit=1000`,
      )
    ).body;

  async function when(
    replayId: string,
    isSo: (detail: ReplayDetail) => boolean,
  ): Promise<ReplayDetail> {
    let detail = await stateOf(replayId);
    await until(async () => {
      detail = await stateOf(replayId);
      return isSo(detail);
    }, 90_000);
    return detail;
  }

  /** The ids in all sealed partitions of a type, through the portal. */
  async function sealedIds(type: string): Promise<string[]> {
    const { body } = await delivery.api(
      'get',
      `/event-types/${type}/partitions?includeEmpty=false&limit=1000`,
      'platform',
    );
    const ids: string[] = [];
    for (const { bucketStart, state } of body.items) {
      if (state === 'sealed') {
        const { body: page } = await delivery.api(
          'get',
          `/event-types/${type}/partitions/${bucketStart}/rows?limit=1000`,
          'platform',
        );
        const column = page.columns.findIndex(
          ({ name }: { name: string }) => name === '_id',
        );
        ids.push(...page.rows.map((row: unknown[]) => String(row[column])));
      }
    }
    return ids.sort();
  }

  it('are found, mended and sealed once each, whatever answers get lost on the way', async () => {
    const since = new Date(Date.now() - 1_000).toISOString();
    const answer = await post([
      text({ id: 'good', data: { n: 1 } }),
      text({ id: 'bad-1', data: { n: '9007199254740993' } }),
      text({ id: 'bad-2', data: { n: '42' } }),
      text({ id: 'bad-3', data: { n: 'many' } }),
      text({ data: { n: 5 } }),
    ]);
    expect(answer).toMatchObject({
      status: 'partial',
      accepted: 1,
      refused: 4,
    });

    // Found by id, by type, time and key, with code and pointer.
    await until(async () => (await refused('eventId=bad-2')).total === 1);
    await until(async () => (await refused('limit=10')).total === 4);
    expect((await refused('eventId=bad-2')).items).toMatchObject([
      {
        eventId: 'bad-2',
        eventType: TYPE,
        reason: 'wrong_type',
        pointer: '/data/n',
        writeKeyId: keyId,
        replayState: 'none',
        truncated: false,
      },
    ]);
    const query = new URLSearchParams({
      since,
      writeKeyId: keyId,
      reason: 'wrong_type',
      pointer: '/data/n',
    });
    expect((await refused(query.toString())).items).toHaveLength(3);

    const groups: RefusedGroups = (
      await delivery.api('get', `/event-types/${TYPE}/refused/groups`)
    ).body;
    expect(groups).toMatchObject({
      detail: 'full',
      total: 4,
      items: [
        {
          reason: 'wrong_type',
          field: '/data/n',
          count: 3,
          writeKeys: [
            { keyId, name: 'orders', producer: 'shop-web', count: 3 },
          ],
        },
        { reason: 'invalid_envelope', field: '/id', count: 1 },
      ],
    });

    const fix: Fix = [{ op: 'cast', pointer: '/data/n', to: 'integer' }];
    // The integer beyond 2^53 is refused for what it is, not rounded.
    const seen = await preview({ selection: {}, fix });
    expect(seen).toMatchObject({
      selected: 4,
      hasMore: false,
      wouldBeAccepted: 2,
      wouldBeRefused: 2,
      withoutId: 1,
      unchanged: 2,
    });
    expect(seen.refusedBy.map(({ reason }) => reason).sort()).toEqual([
      'number_out_of_range',
      'wrong_type',
    ]);
    expect(
      seen.samples.find(({ before }) => before.includes('bad-2')),
    ).toMatchObject({
      before: expect.stringContaining('"n":"42"'),
      after: expect.stringContaining('"n":42'),
      outcome: { kind: 'accepted' },
    });

    // The first two requests arrive, and their answers do not.
    let lost = 0;
    globalThis.fetch = async (...request) => {
      const reply = await realFetch(...request);
      if (lost < 2) {
        lost += 1;
        await reply.json();
        throw new Error('The connection broke');
      }
      return reply;
    };
    const replayId = await replay({ selection: {}, fix });
    const sent = await when(replayId, ({ finishedAt }) => Boolean(finishedAt));
    expect(lost).toBe(2);
    expect(sent.counts).toMatchObject({
      selected: 4,
      sent: 4,
      accepted: 2,
      refusedAgain: 2,
      waiting: 0,
      notReplayable: 0,
    });
    expect((await refused('eventId=bad-2')).items[0]).toMatchObject({
      replayState: 'replayed',
      replayId,
    });
    // What was brought back is not selected a second time, and of what was
    // refused again only what stands in its place now.
    await until(async () => (await refused('replayState=none')).total === 2);
    expect((await preview({ selection: {}, fix: [] })).selected).toBe(2);

    const proven = await when(replayId, ({ state }) => state === 'proven');
    expect(proven.counts).toMatchObject({
      accepted: 2,
      landed: 2,
      duplicates: 0,
      inFlight: 0,
    });
    const landed = proven.events.filter(({ state }) => state === 'landed');
    expect(landed.map(({ copies }) => copies)).toEqual([1, 1]);
    const [minted] = landed.filter(({ isIdMinted }) => isIdMinted);
    expect(minted.eventId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(await sealedIds(TYPE)).toEqual(
      ['good', 'bad-2', String(minted.eventId)].sort(),
    );
    for (const event of landed) {
      const { bucketStart } = event.landed!;
      const { body } = await delivery.api(
        'get',
        `/event-types/${TYPE}/partitions/${bucketStart}`,
      );
      expect(body).toMatchObject({ state: 'sealed', revision: 1 });
    }

    const again = proven.events.filter(
      ({ state }) => state === 'refused-again',
    );
    expect(again).toHaveLength(2);
    for (const { refusal } of again) {
      const { status } = await delivery.api(
        'get',
        `/event-types/${TYPE}/refused/${refusal?.refusalId}`,
      );
      expect(status).toBe(200);
    }
    // Its key is gone.
    const keys = await delivery
      .ledger('replay_write_keys')
      .join('write_keys', 'write_keys.key_id', 'replay_write_keys.key_id')
      .select('write_keys.revoked_at', 'write_keys.event_types');
    expect(keys.length).toBeGreaterThan(0);
    expect(keys).toEqual(
      keys.map(() => ({ revoked_at: expect.any(Date), event_types: [TYPE] })),
    );
    expect(delivery.audited).toContainEqual(
      expect.objectContaining({
        eventId: 'refused-events-replay',
        outcome: 'success',
        meta: expect.objectContaining({ reason: 'a test', selected: 4 }),
      }),
    );
  });

  it('are not replayed when their producer has sent them right meanwhile', async () => {
    await post([text({ id: 'twice', data: { n: 'x' } })]);
    await post([text({ id: 'twice', data: { n: 7 } })]);
    await until(async () => (await refused('eventId=twice')).total === 1);
    await until(async () => (await sealedIds(TYPE)).includes('twice'), 60_000);
    const [{ refusalId }] = (await refused('eventId=twice')).items;
    const request = {
      selection: { refusalIds: [refusalId] },
      fix: [{ op: 'set', pointer: '/data/n', value: 8 }],
    };
    expect(await preview(request)).toMatchObject({
      notReplayableBy: [{ reason: 'already-landed', count: 1 }],
    });
    const replayId = await replay(request);
    const { events } = await when(replayId, ({ finishedAt }) =>
      Boolean(finishedAt),
    );
    expect(events).toMatchObject([
      { state: 'not-replayable', notReplayable: 'already-landed' },
    ]);
  });

  it('are sealed once each when the runner of their replay dies in the middle and another one takes over', async () => {
    await post(
      Array.from({ length: 20 }, (_, n) =>
        text({ id: `r-${n}`, data: { n: String(n) } }),
      ),
    );
    const ofRunner = async () =>
      (await refused('limit=100&replayState=none')).items.filter(
        ({ eventId }) => eventId?.startsWith('r-'),
      );
    await until(async () => (await ofRunner()).length === 20);
    const refusalIds = (await ofRunner()).map(({ refusalId }) => refusalId);

    // The gateway accepts, and the runner never hears of it.
    let hanging = 0;
    globalThis.fetch = async (...request) => {
      const reply = await realFetch(...request);
      hanging += 1;
      if (hanging > 1) {
        return reply;
      }
      return await new Promise((_resolve, reject) => {
        const signal = request[1]?.signal;
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
    };
    const replayId = await replay({
      selection: { refusalIds },
      fix: [{ op: 'cast', pointer: '/data/n', to: 'integer' }],
    });
    await until(() => hanging === 1);
    const deliveredIds = new DeliveredIds({
      ledger: delivery.ledger,
      lake: await LocalLakeStore.open({ root: delivery.lakeRoot }),
    });
    const next = new ReplayRunner({
      ledger: delivery.ledger,
      deliveredIds,
      logger: delivery.logger,
      runnerId: 'next',
      now: () => new Date(),
    });
    try {
      await until(async () => {
        // As when its lease has run out.
        await delivery
          .ledger('leases')
          .where({ resource: `replay:${replayId}` })
          .whereNot({ holder: 'next' })
          .update({ expires_at: new Date(0) });
        next.start();
        next.trigger();
        return Boolean((await stateOf(replayId)).finishedAt);
      });
      const proven = await when(replayId, ({ state }) => state === 'proven');
      expect(proven.counts).toMatchObject({
        selected: 20,
        accepted: 20,
        landed: 20,
        duplicates: 0,
      });
    } finally {
      await next.stop();
    }
    const ids = (await sealedIds(TYPE)).filter(id => id.startsWith('r-'));
    expect(ids).toHaveLength(20);
    expect(new Set(ids).size).toBe(20);
    const keys = await delivery
      .ledger('replay_write_keys')
      .where({ replay_id: replayId });
    expect(keys).toHaveLength(2);
    expect(keys.every(key => key.revoked_at !== null)).toBe(true);
  });

  it('fare in a replay exactly as the preview said, whatever they are and whatever the fix', async () => {
    const value = fc.oneof(
      fc.constantFrom('1', '-7', '1.5', '"12"', '"x"', 'true', '"true"'),
      fc.constantFrom('null', '{}', '[1]', '1e400', '9007199254740993'),
      fc.constantFrom('"\\ud800"', '{"__proto__":1}', '{"a":1,"a":2}'),
    );
    const attributes = fc.constantFrom(
      {},
      { time: 'yesterday' },
      { source: '' },
      { sequence: -1 },
      { Extra: 1 },
      { specversion: '0.3' },
      { id: 7 },
      { datacontenttype: 'text/plain' },
    );
    const samples = fc.sample(fc.tuple(value, value, attributes), {
      numRuns: 300,
      seed: 20261121,
    });
    await post(
      samples.map(([n, m, extra], index) =>
        text({
          id: `p-${index}`,
          subject: 'sample',
          ...extra,
          data: '@',
        }).replace('"@"', `{"n":${n},"m":${m}}`),
      ),
    );
    const open = async () =>
      (await preview({ selection: {}, fix: [] })).selected;
    await until(async () => (await open()) > 250);
    const fates = { accepted: 0, reasons: new Set<string>() };

    const fixes: Fix[] = [
      [{ op: 'cast', pointer: '/data/n', to: 'integer' }],
      [{ op: 'remove', pointer: '/data/m' }],
      [{ op: 'remove', pointer: '/data/n' }],
      [
        { op: 'set', pointer: '/data/n', value: 3 },
        { op: 'cast', pointer: '/id', to: 'string' },
        { op: 'remove', pointer: '/Extra' },
        { op: 'remove', pointer: '/data/m' },
      ],
      [
        { op: 'setType', eventType: 'shop.refund' },
        { op: 'set', pointer: '/source', value: '/mended' },
        { op: 'set', pointer: '/specversion', value: '1.0' },
        { op: 'remove', pointer: '/time' },
        { op: 'remove', pointer: '/data/m' },
        { op: 'set', pointer: '/data/n', value: 3 },
      ],
    ];
    for (const fix of fixes) {
      const said = await preview({ selection: {}, fix, samples: 0 });
      const replayId = await replay({ selection: {}, fix });
      const { counts, events } = await when(replayId, ({ finishedAt }) =>
        Boolean(finishedAt),
      );
      const reasons = new Map<string, number>();
      for (const { refusal } of events) {
        if (refusal) {
          const known = reasons.get(refusal.reason) ?? 0;
          reasons.set(refusal.reason, known + 1);
        }
      }
      const foretold = new Map<string, number>();
      for (const { reason, count } of said.refusedBy) {
        foretold.set(reason, (foretold.get(reason) ?? 0) + count);
      }
      expect({
        selected: counts.selected,
        accepted: counts.accepted,
        refusedAgain: counts.refusedAgain,
        notReplayable: counts.notReplayable,
        reasons: [...reasons].sort(),
      }).toEqual({
        selected: said.selected,
        accepted: said.wouldBeAccepted,
        refusedAgain: said.wouldBeRefused,
        notReplayable: said.notReplayable,
        reasons: [...foretold].sort(),
      });
      fates.accepted += counts.accepted;
      foretold.forEach((_count, reason) => fates.reasons.add(reason));
      // Each refusal leads to the one that stands in its place.
      await when(replayId, detail =>
        detail.events.every(
          ({ refusal, eventId }) =>
            !refusal || !eventId || refusal.refusalId !== undefined,
        ),
      );
    }
    expect(fates.accepted).toBeGreaterThan(50);
    expect([...fates.reasons]).toEqual(
      expect.arrayContaining([
        'forbidden_name',
        'invalid_envelope',
        'invalid_text',
        'missing_field',
        'number_out_of_range',
        'unknown_field',
        'wrong_type',
      ]),
    );
  });
});

import { TestDatabases } from '@backstage/backend-test-utils';
import { bucketOf } from '@millrace/schema';
import { eventType } from '../__testUtils__/eventType';
import { type Identity, IDENTITIES } from '../__testUtils__/identities';
import { sealPartition } from '../__testUtils__/sealPartition';
import {
  type RunningDelivery,
  startDelivery,
} from '../__testUtils__/startDelivery';

jest.setTimeout(60_000);

const NAME = 'github.push';
const minutesAgo = (n: number) =>
  bucketOf(new Date(Date.now() - n * 60_000), 60);
const BUCKETS = [6, 7, 8, 9, 10].map(minutesAgo);
const [FIRST, SECOND, THIRD, FOURTH, FIFTH] = BUCKETS.map(({ start }) =>
  start.toISOString(),
);
const UNSEALED = minutesAgo(30).start.toISOString();
const REASON = 'The disk of the lake lost a file';
const NOWHERE = '00000000-0000-4000-8000-000000000000';

const url = (rest = '', name = NAME) => `/event-types/${name}/revisions${rest}`;

const EVERYONE: Identity[] = ['platform', 'owner', 'developer'];
const PLATFORM: Identity[] = ['platform'];

/** Which routes answer whom; nobody else. */
const MATRIX: [string, Identity[]][] = [
  [`GET ${url()}`, EVERYONE],
  [`GET ${url('/OPERATION')}`, EVERYONE],
  [`GET ${url('', 'secret.plan')}`, PLATFORM],
  [`GET ${url('/OPERATION', 'secret.plan')}`, []],
  [`POST ${url()}`, PLATFORM],
  [`POST ${url('/OPERATION/approve')}`, PLATFORM],
  [`POST ${url('/OPERATION/cancel')}`, PLATFORM],
  [`POST ${url('/OPERATION/approve', 'secret.plan')}`, []],
];

describe('partitions that are made again', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let delivery: RunningDelivery;
  /** One that nobody decides about. */
  let standing: string;

  beforeAll(async () => {
    delivery = await startDelivery({
      databases,
      eventTypes: [
        eventType(NAME),
        eventType('secret.plan', 'group:default/shop'),
      ],
      hidden: ['secret.plan'],
    });
    for (const bucket of BUCKETS) {
      await sealPartition(delivery.ledger, delivery.lakeRoot, {
        eventType: NAME,
        bucket,
        delivered: 3,
        duplicates: 1,
        latenessMs: 1_000,
      });
    }
    const { body } = await ask({ kind: 'redeliver', buckets: [FIFTH] });
    standing = body.operationId;
  });
  afterAll(() => delivery.stop());

  function ask(body: object, who: Identity = 'platform') {
    return delivery.api('post', url(), who).send(body);
  }

  /** As a worker leaves it when the trial is over. */
  async function previewed(operationId: string): Promise<void> {
    const where = { operation_id: operationId };
    await delivery
      .ledger('revision_changes')
      .where(where)
      .update({ counts_after: delivery.ledger.ref('counts_before') });
    await delivery
      .ledger('revision_operations')
      .where(where)
      .update({ state: 'previewed', previewed_at: new Date() });
  }

  const auditedAs = (actionType: string, operationId?: string) =>
    delivery.audited.filter(
      ({ eventId, meta }) =>
        eventId === 'partition-revise' &&
        meta.actionType === actionType &&
        (operationId === undefined || meta.operationId === operationId),
    );

  const cases = MATRIX.flatMap(([route, allowed]) =>
    IDENTITIES.filter(who => !allowed.includes(who)).map(
      who => [route, who] as const,
    ),
  );

  it.each(cases)('%s refuses %s', async (route, who) => {
    const [method, path] = route.split(' ');
    const target = path.replace('OPERATION', standing);
    const { status } =
      method === 'GET'
        ? await delivery.api('get', target, who)
        : await delivery
            .api('post', target, who)
            .send(
              path.endsWith('/approve')
                ? { reason: REASON }
                : { kind: 'redeliver', buckets: [FIRST] },
            );
    // Of another event type, it does not exist for those who may read the type.
    expect(status).toBe(
      path.includes('secret.plan') && who === 'platform' ? 404 : 403,
    );
  });

  it('are asked for, with what was there before, and audited', async () => {
    const { status, body } = await ask({
      kind: 'redeliver',
      buckets: [SECOND, FIRST, SECOND],
    });
    expect(status).toBe(202);
    const counts = { accepted: 4, delivered: 3, duplicates: 1, refused: 0 };
    expect(body).toMatchObject({
      eventType: NAME,
      kind: 'redeliver',
      state: 'previewing',
      buckets: [SECOND, FIRST],
      requestedBy: 'user:default/platform',
      changes: [
        { bucketStart: SECOND, fromRevision: 1, toRevision: 2, before: counts },
        { bucketStart: FIRST, fromRevision: 1, toRevision: 2, before: counts },
      ],
    });
    expect(body.changes[0]).not.toHaveProperty('after');
    expect(auditedAs('preview', body.operationId)).toEqual([
      {
        eventId: 'partition-revise',
        outcome: 'success',
        meta: {
          actionType: 'preview',
          eventType: NAME,
          operationId: body.operationId,
          kind: 'redeliver',
          buckets: [SECOND, FIRST],
        },
      },
    ]);
    const read = await delivery.api(
      'get',
      url(`/${body.operationId}`),
      'developer',
    );
    expect(read.body).toEqual(body);
  });

  it.each([
    [{ kind: 'rewrite', buckets: [FIRST] }, /expected 'redeliver'/],
    [{ kind: 'redeliver', buckets: [] }, /at least one bucket/],
    [{ kind: 'redeliver', buckets: ['yesterday'] }, /expected a time such as/],
    [
      { kind: 'redeliver', buckets: ['2026-11-21T13:00:00.500Z'] },
      /whole second/,
    ],
    [
      { kind: 'redeliver', buckets: Array(169).fill(FIRST) },
      /at most 168 buckets/,
    ],
    [{ kind: 'redeliver', buckets: [FIRST], force: true }, /force/],
  ])('are not asked for by %j', async (body, message) => {
    const answer = await ask(body);
    expect(answer.status).toBe(400);
    expect(answer.body.error.message).toMatch(message);
  });

  it.each([
    ['partition_not_sealed', { kind: 'redeliver', buckets: [UNSEALED] }],
    ['nothing_to_reshuffle', { kind: 'reshuffle', buckets: [THIRD] }],
    ['revision_in_progress', { kind: 'reseal', buckets: [FIFTH] }],
  ])('are refused by the ledger with the code %s', async (code, body) => {
    const refusedBefore = auditedAs('preview').filter(isFailure).length;
    const answer = await ask(body);
    expect(answer.status).toBe(409);
    expect(answer.body.error).toMatchObject({
      name: 'ConflictError',
      code,
      message: expect.stringMatching(/[a-z]{4}/),
    });
    expect(auditedAs('preview').filter(isFailure)).toHaveLength(
      refusedBefore + 1,
    );
  });

  it('run only after a preview, with a reason, and once', async () => {
    const { body } = await ask({ kind: 'redeliver', buckets: [THIRD] });
    const { operationId } = body;
    const approve = (reason: unknown) =>
      delivery
        .api('post', url(`/${operationId}/approve`), 'platform')
        .send({ reason });
    const early = await approve(REASON);
    expect(early.status).toBe(409);
    expect(early.body.error.code).toBe('revision_not_previewed');

    await previewed(operationId);
    for (const reason of [undefined, '  too short ', 'x'.repeat(1001)]) {
      expect((await approve(reason)).status).toBe(400);
    }
    const { status, body: running } = await approve(`  ${REASON} `);
    expect(status).toBe(202);
    expect(running).toMatchObject({
      state: 'running',
      reason: REASON,
      approvedBy: 'user:default/platform',
      changes: [{ before: { delivered: 3 }, after: { delivered: 3 } }],
    });
    expect((await approve(REASON)).status).toBe(409);
    expect(
      auditedAs('approve', operationId).filter(entry => !isFailure(entry)),
    ).toMatchObject([
      {
        meta: {
          eventType: NAME,
          kind: 'redeliver',
          buckets: [THIRD],
          reason: REASON,
        },
      },
    ]);
  });

  it('can be cancelled until they are published, and are then no more', async () => {
    const { body } = await ask({ kind: 'redeliver', buckets: [FOURTH] });
    const cancel = () =>
      delivery
        .api('post', url(`/${body.operationId}/cancel`), 'platform')
        .send({});
    const { status, body: cancelled } = await cancel();
    expect(status).toBe(200);
    expect(cancelled).toMatchObject({
      state: 'cancelled',
      finishedAt: expect.any(String),
    });
    expect(auditedAs('cancel', body.operationId)).toMatchObject([
      { outcome: 'success', meta: { buckets: [FOURTH] } },
    ]);
    await delivery
      .ledger('revision_operations')
      .where({ operation_id: body.operationId })
      .update({ state: 'expired' });
    const late = await cancel();
    expect(late.status).toBe(409);
    expect(late.body.error.code).toBe('revision_not_cancellable');
  });

  it('are listed newest first, a page at a time, of their event type alone', async () => {
    const page = async (query: string, name = NAME) =>
      (await delivery.api('get', url(query, name), 'platform')).body;
    const all = await page('');
    expect(all.nextBefore).toBeUndefined();
    expect(all.items.length).toBeGreaterThanOrEqual(4);
    const first = await page('?limit=1');
    expect(first.items).toEqual([all.items[0]]);
    const second = await page(`?limit=1&before=${first.nextBefore}`);
    expect(second.items).toEqual([all.items[1]]);
    expect((await page('', 'secret.plan')).items).toEqual([]);
    const bad = await delivery.api('get', url('?before=x'), 'platform');
    expect(bad.status).toBe(400);
  });

  it.each(['no-id', NOWHERE])('are not found by the id %s', async id => {
    const { status } = await delivery.api('get', url(`/${id}`), 'developer');
    expect(status).toBe(404);
    const cancel = await delivery
      .api('post', url(`/${id}/cancel`), 'platform')
      .send({});
    expect(cancel.status).toBe(404);
  });
});

function isFailure({ outcome }: { outcome: string }): boolean {
  return outcome === 'fail';
}

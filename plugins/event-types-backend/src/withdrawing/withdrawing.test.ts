import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import request from 'supertest';
import {
  ALLOW,
  DENY,
  type TestPolicy,
  declared,
  group,
  ifOwner,
  record,
  startEventTypes,
} from '../__testUtils__/startEventTypes';

jest.setTimeout(60_000);

const OWNER = mockCredentials.user.header('user:default/owner');
const DEVELOPER = mockCredentials.user.header('user:default/developer');
const DELIVERY = mockCredentials.service.header();

/** Owners withdraw what they own; services may do everything. */
const policy: TestPolicy = (permission, user) => {
  switch (permission) {
    case 'event-types.event-type.update':
    case 'event-types.event-type.withdraw':
      return user ? ifOwner(user, ...groupsOf(user)) : ALLOW;
    case 'event-types.event-type.archive':
      return user ? DENY : ALLOW;
    default:
      return ALLOW;
  }
};

function groupsOf(user: string): string[] {
  return user === 'user:default/owner' ? ['group:default/webhooks'] : [];
}

const push = {
  name: 'push',
  description: 'Somebody pushed',
  owner: 'group:default/webhooks',
  tier: 'normal',
  schema: record({ name: 'id', type: 'long' }),
};

describe('withdrawing an event type', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  const running: Array<() => Promise<unknown>> = [];
  let knex: Knex;

  async function start(grace: string = 'P7D') {
    knex = await databases.init('POSTGRES_18');
    const backend = await startEventTypes({
      knex,
      policy,
      entities: [group('webhooks')],
      config: { eventTypes: { withdrawal: { grace } } },
    });
    running.push(backend.stop);
    const api = (
      method: 'get' | 'post' | 'put' | 'delete',
      path: string,
      as = OWNER,
    ) =>
      request(backend.server)
        [method](`/api/event-types/event-types${path}`)
        .set('Authorization', as);
    await api('post', '').send(push).expect(201);
    return {
      ...backend,
      api,
      withdraw: (as = OWNER) =>
        api('put', '/push/withdrawal', as).send({ reason: 'Nobody reads it' }),
      endGracePeriods: () => backend.scheduler.triggerTask('end-grace-periods'),
    };
  }

  afterEach(async () => {
    await Promise.all(running.splice(0).map(stop => stop()));
  });

  const codes = (body: { error: { problems: { code: string }[] } }) =>
    body.error.problems.map(({ code }) => code);

  it('shows what would happen before anything does, and to whom it is open', async () => {
    const { api } = await start();
    const { body } = await api('get', '/push/withdrawal').expect(200);
    expect(body).toEqual({
      graceMs: 7 * 24 * 60 * 60 * 1000,
      isAllowed: true,
      blockers: [],
      versions: 1,
    });
    const other = await api('get', '/push/withdrawal', DEVELOPER).expect(200);
    expect(other.body.isAllowed).toBe(false);
    await api('put', '/push/withdrawal', DEVELOPER)
      .send({ reason: 'x' })
      .expect(403);
    expect((await api('get', '/push')).body.withdrawal).toBeUndefined();
  });

  it('asks for a reason', async () => {
    const { api, audited } = await start();
    const { body } = await api('put', '/push/withdrawal').send({}).expect(400);
    expect(codes(body)).toEqual(['missing_property']);
    expect(audited.at(-1)).toMatchObject({
      meta: { actionType: 'withdraw', eventType: 'push' },
      outcome: 'fail',
    });
  });

  it('can be undone until the grace is over, and changes nothing else', async () => {
    const { api, withdraw, endGracePeriods, audited, published } =
      await start();
    const before = (await api('get', '/push')).body;
    const { body } = await withdraw().expect(200);
    expect(body).toMatchObject({
      generation: before.generation + 1,
      withdrawal: {
        by: 'user:default/owner',
        reason: 'Nobody reads it',
        since: expect.any(String),
      },
    });
    const { since, endsAt } = body.withdrawal;
    expect(Date.parse(endsAt) - Date.parse(since)).toBe(604_800_000);
    expect(audited.at(-1)).toMatchObject({
      meta: { actionType: 'withdraw', reason: 'Nobody reads it', endsAt },
      outcome: 'success',
    });
    expect(published).toHaveLength(2);
    expect(codes((await withdraw().expect(409)).body)).toEqual(['withdrawn']);

    await endGracePeriods();
    const { body: kept } = await api('delete', '/push/withdrawal').expect(200);
    expect({ ...kept, generation: 0, updatedAt: '' }).toEqual({
      ...before,
      generation: 0,
      updatedAt: '',
    });
    const again = await api('delete', '/push/withdrawal').expect(409);
    expect(codes(again.body)).toEqual(['not_withdrawn']);
  });

  it('lets nobody change what is being withdrawn', async () => {
    const { api, withdraw } = await start();
    await withdraw().expect(200);
    const changed = await api('put', '/push').send({ ...push, tier: 'low' });
    expect(changed.status).toBe(409);
    expect(codes(changed.body)).toEqual(['withdrawn']);
    const mode = await api('put', '/push/compatibility').send({
      mode: 'full-transitive',
    });
    expect(codes(mode.body)).toEqual(['withdrawn']);
    const verdict = await api('post', '/push/verdict').send({
      schema: record(
        { name: 'id', type: 'long' },
        { name: 'note', semanticType: 'none', type: ['null', 'string'] },
      ),
    });
    expect(verdict.body.problems).toMatchObject([{ code: 'withdrawn' }]);
  });

  it('cannot be undone once the grace is over', async () => {
    const { api, withdraw, endGracePeriods, audited } = await start('PT0S');
    await withdraw().expect(200);
    await endGracePeriods();
    expect(audited.at(-1)).toMatchObject({
      meta: { actionType: 'remove', eventType: 'push' },
    });
    const { body } = await api('delete', '/push/withdrawal').expect(409);
    expect(codes(body)).toEqual(['removal_began']);
    // It is listed until nothing is left of it.
    const { body: list } = await api('get', '');
    expect(list.items).toMatchObject([
      { withdrawal: { removalBeganAt: expect.any(String) } },
    ]);
  });

  it('ends the grace of nothing that was kept, whoever comes first', async () => {
    const { api, withdraw, endGracePeriods } = await start('PT0S');
    await withdraw().expect(200);
    const [undone] = await Promise.all([
      api('delete', '/push/withdrawal'),
      endGracePeriods(),
    ]);
    const { withdrawal } = (await api('get', '/push')).body;
    expect(undone.status === 200).toBe(withdrawal === undefined);
    expect(undone.status === 409).toBe(
      withdrawal?.removalBeganAt !== undefined,
    );
  });

  it('is archived by delivery alone, once, and keeps its name and versions', async () => {
    const { api, withdraw, endGracePeriods } = await start('PT0S');
    const archive = (as = DELIVERY) => api('post', '/push/archive', as);
    expect(codes((await archive().expect(409)).body)).toEqual([
      'not_withdrawn',
    ]);
    await withdraw().expect(200);
    expect((await archive()).status).toBe(409);
    await endGracePeriods();
    await archive(OWNER).expect(403);
    await archive().expect(204);
    const { body: first } = await api('get', '/push');
    await archive().expect(204);
    expect((await api('get', '/push')).body).toEqual(first);
    expect(first.archivedAt).toEqual(expect.any(String));

    expect((await api('get', '')).body.items).toEqual([]);
    expect((await api('get', '/push/versions')).body.items).toHaveLength(1);
    const anew = await api('post', '').send(push).expect(409);
    expect(codes(anew.body)).toEqual(['name_taken']);
    const changed = await api('put', '/push').send({ ...push, tier: 'low' });
    expect(codes(changed.body)).toEqual(['archived']);
  });

  it('leaves what a file declares to the file, and what comes back from a file to the portal', async () => {
    const { api, setEntities, takeIn } = await start();
    const entities = [
      group('webhooks'),
      declared('shop.order', { schema: push.schema }),
    ];
    setEntities(entities);
    await takeIn();
    const { body: review } = await api('get', '/shop.order/withdrawal');
    expect(review.blockers).toMatchObject([{ code: 'declared_in_catalog' }]);
    const refused = await api('put', '/shop.order/withdrawal').send({
      reason: 'x',
    });
    expect(codes(refused.body)).toEqual(['declared_in_catalog']);

    setEntities([group('webhooks')]);
    await knex('event_types')
      .where({ name: 'shop.order' })
      .update({ orphaned_at: new Date() });
    await api('put', '/shop.order/withdrawal')
      .send({ reason: 'The shop is closed' })
      .expect(200);
    setEntities(entities);
    await takeIn();
    const { body } = await api('get', '/shop.order');
    expect(body.withdrawal).toBeDefined();
    expect(body.declarationProblems).toMatchObject([{ code: 'withdrawn' }]);
  });
});

import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import type {
  EventTypePage,
  FieldPage,
  FoundEventType,
} from '@millrace/plugin-event-types-common';
import type { Knex } from 'knex';
import request from 'supertest';
import {
  ALLOW,
  DENY,
  type TestPolicy,
  group,
  ifOwner,
  record,
  startEventTypes,
} from '../__testUtils__/startEventTypes';
import type { EventTypeSort } from '@millrace/plugin-event-types-common';
import { eventTypesPageQuery } from './operations/findEventTypes';
import { fieldsPageQuery } from './operations/findFields';

jest.setTimeout(120_000);

const OWNER = mockCredentials.user.header('user:default/owner');
const id = { name: 'id', type: 'long' };
const email = { name: 'email', type: 'string', semanticType: 'email' };
const login = {
  name: 'login',
  type: 'string',
  semanticType: 'person-id',
  doc: 'Who pressed the button; 100% of them',
};

describe('finding event types', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  const running: Array<() => Promise<unknown>> = [];

  async function start(policy: TestPolicy = () => ALLOW) {
    const knex = await databases.init('POSTGRES_18');
    const backend = await startEventTypes({
      knex,
      policy,
      entities: [group('shop'), group('webhooks'), group('platform-team')],
    });
    running.push(backend.stop);
    const call = (
      method: 'get' | 'post' | 'put',
      path: string,
      authorization = OWNER,
    ) =>
      request(backend.server)
        [method](`/api/event-types${path}`)
        .set('Authorization', authorization);
    const register = async (
      name: string,
      options: { owner?: string; tier?: string; fields?: object[] } = {},
    ) => {
      const { owner = 'group:default/shop', tier = 'normal' } = options;
      await call('post', '/event-types')
        .send({
          name,
          description: `It is ${name}`,
          owner,
          tier,
          schema: record(...(options.fields ?? [id])),
        })
        .expect(201);
    };
    const find = async (query: string, authorization = OWNER) => {
      const { body } = await call(
        'get',
        `/event-types?${query}`,
        authorization,
      ).expect(200);
      const page: EventTypePage = body;
      return page;
    };
    const fields = async (query: string, authorization = OWNER) => {
      const { body } = await call('get', `/fields?${query}`, authorization);
      const page: FieldPage = body;
      return page;
    };
    return { ...backend, knex, call, register, find, fields };
  }

  const namesOf = ({ items }: { items: Array<{ name: string }> }) =>
    items.map(({ name }) => name);

  afterEach(async () => {
    await Promise.all(running.splice(0).map(stop => stop()));
  });

  /** What a catalog of a small shop may hold. */
  async function startShop(policy?: TestPolicy) {
    const backend = await start(policy);
    await backend.register('shop.order_placed', {
      tier: 'critical',
      fields: [id, email],
    });
    await backend.register('shop.order_paid', { fields: [id] });
    await backend.register('github.push', {
      owner: 'group:default/webhooks',
      tier: 'low',
      fields: [
        id,
        login,
        {
          name: 'sender',
          type: { type: 'record', name: 'Sender', fields: [email] },
        },
      ],
    });
    return backend;
  }

  it('gives the whole list to whoever asks for nothing else', async () => {
    const { call } = await startShop();
    const { body } = await call('get', '/event-types').expect(200);
    expect(Object.keys(body)).toEqual(['items']);
    expect(namesOf(body)).toEqual([
      'github.push',
      'shop.order_paid',
      'shop.order_placed',
    ]);
    expect(body.items[1].fields).toHaveLength(1);
    const { body: full } = await call('get', '/event-types?schema=true');
    expect(full.items[0].schema).toMatchObject({ type: 'record' });
    await call('get', '/event-types?schema=true&limit=2').expect(400);
  });

  it('says of each event type what it comes to, and counts what there is', async () => {
    const { find } = await startShop();
    const page = await find('limit=50');
    const [push] = page.items;
    expect(push).toMatchObject<Partial<FoundEventType>>({
      name: 'github.push',
      state: 'in-force',
      fieldCount: 4,
      semanticTypes: ['email', 'person-id'],
    });
    expect(push).not.toHaveProperty('fields');
    const { items, ...rest } = page;
    expect(rest).toEqual({
      total: 3,
      readable: 3,
      owners: 2,
      tiers: { critical: 1, normal: 1, low: 1 },
      facets: {
        owner: [
          { value: 'group:default/shop', count: 2 },
          { value: 'group:default/webhooks', count: 1 },
        ],
        tier: [
          { value: 'critical', count: 1 },
          { value: 'low', count: 1 },
          { value: 'normal', count: 1 },
        ],
        state: [{ value: 'in-force', count: 3 }],
        semanticType: [
          { value: 'email', count: 2 },
          { value: 'person-id', count: 1 },
        ],
      },
    });
    const [withFields] = (await find('fields=true')).items;
    expect(withFields.fields?.map(({ path }) => path)).toEqual([
      'id',
      'login',
      'sender',
      'sender.email',
    ]);
  });

  it.each([
    ['q=ORDER', ['shop.order_paid', 'shop.order_placed']],
    ['q=placed+shop', ['shop.order_placed']],
    ['q=order_', ['shop.order_paid', 'shop.order_placed']],
    // Nothing in it stands for anything but itself.
    ['q=order%25placed', []],
    ["q='%3B--", []],
    ['owner=group:default/webhooks', ['github.push']],
    ['tier=critical&tier=low', ['github.push', 'shop.order_placed']],
    ['semanticType=email', ['github.push', 'shop.order_placed']],
    ['semanticType=personal&tier=low', ['github.push']],
    ['semanticType=payment', []],
    ['state=refused', []],
    ['sort=-name', ['shop.order_placed', 'shop.order_paid', 'github.push']],
    ['sort=tier', ['shop.order_placed', 'shop.order_paid', 'github.push']],
    ['sort=owner', ['shop.order_paid', 'shop.order_placed', 'github.push']],
    ['sort=updated', ['shop.order_placed', 'shop.order_paid', 'github.push']],
  ])('finds by %s', async (query, names) => {
    const { find } = await startShop();
    const page = await find(query);
    expect(namesOf(page)).toEqual(names);
    expect(page.total).toBe(names.length);
    expect(page.readable).toBe(3);
  });

  it('counts in a facet what another choice of it would give', async () => {
    const { find } = await startShop();
    const { total, facets } = await find('tier=critical&q=shop');
    expect(total).toBe(1);
    expect(facets.tier).toEqual([
      { value: 'critical', count: 1 },
      { value: 'normal', count: 1 },
    ]);
    expect(facets.owner).toEqual([{ value: 'group:default/shop', count: 1 }]);
  });

  it('finds the declarations that were not taken in, that are gone, and that end', async () => {
    const { find, knex, register } = await startShop();
    await register('old.thing');
    await knex('event_types')
      .where({ name: 'old.thing' })
      .update({ retired_at: new Date() });
    await knex('event_types')
      .where({ name: 'github.push' })
      .update({ origin: 'catalog', orphaned_at: new Date() });
    await knex('event_types').where({ name: 'shop.order_paid' }).update({
      deprecated_at: new Date(),
      deprecation_message: 'Send another',
      deprecated_by: 'user:default/owner',
    });
    await knex('declaration_problems').insert({
      entity_ref: 'eventtype:default/shop.order_placed',
      event_type: 'shop.order_placed',
      problems: '[]',
      recorded_at: new Date(),
    });
    for (const [state, name] of [
      ['retired', 'old.thing'],
      ['orphaned', 'github.push'],
      ['deprecated', 'shop.order_paid'],
      ['refused', 'shop.order_placed'],
    ]) {
      expect(namesOf(await find(`state=${state}`))).toEqual([name]);
    }
    expect((await find('limit=1')).facets.state).toHaveLength(4);
  });

  it('shows, counts and finds only what may be read', async () => {
    const { find, fields } = await startShop((permission, user) => {
      if (permission !== 'event-types.event-type.read') {
        return ALLOW;
      }
      if (user === 'user:default/outsider') {
        return DENY;
      }
      return user === 'user:default/guest'
        ? ifOwner('group:default/webhooks')
        : ALLOW;
    });
    const guest = mockCredentials.user.header('user:default/guest');
    const page = await find('limit=10', guest);
    expect(namesOf(page)).toEqual(['github.push']);
    expect(page).toMatchObject({ total: 1, readable: 1, owners: 1 });
    expect(page.facets.owner).toEqual([
      { value: 'group:default/webhooks', count: 1 },
    ]);
    expect(page.facets.semanticType.map(({ count }) => count)).toEqual([1, 1]);
    const seen = await fields('semanticType=personal', guest);
    expect(new Set(seen.items.map(item => item.eventType))).toEqual(
      new Set(['github.push']),
    );
    expect(seen).toMatchObject({ total: 2, readable: 4, eventTypes: 1 });

    const outsider = mockCredentials.user.header('user:default/outsider');
    expect(await find('limit=10', outsider)).toMatchObject({
      items: [],
      readable: 0,
    });
    expect(await fields('', outsider)).toMatchObject({
      items: [],
      readable: 0,
    });
  });

  it('finds what one owns oneself', async () => {
    const { find, register } = await start();
    await register('theirs');
    const mine = await find('mine=true');
    expect(mine).toMatchObject({ items: [], total: 0, readable: 1 });
  });

  it.each<EventTypeSort>(['name', 'owner', 'tier', 'version', 'updated'])(
    'pages by %s there and back again, with nothing left out and nothing twice',
    async sort => {
      const { find, register } = await start();
      for (let at = 0; at < 11; at += 1) {
        await register(`thing-${String.fromCharCode(97 + ((at * 7) % 11))}`, {
          owner: at % 3 ? 'group:default/shop' : 'group:default/webhooks',
          tier: ['critical', 'normal', 'low'][at % 3],
        });
      }
      for (const order of [sort, `-${sort}`]) {
        const all = namesOf(await find(`sort=${order}&limit=200`));
        expect(new Set(all).size).toBe(11);
        const seen: string[][] = [];
        let page = await find(`sort=${order}&limit=4`);
        expect(page.previousCursor).toBeUndefined();
        seen.push(namesOf(page));
        while (page.nextCursor) {
          page = await find(`sort=${order}&limit=4&cursor=${page.nextCursor}`);
          seen.push(namesOf(page));
        }
        expect(seen.map(names => names.length)).toEqual([4, 4, 3]);
        expect(seen.flat()).toEqual(all);
        const back: string[][] = [];
        while (page.previousCursor) {
          page = await find(
            `sort=${order}&limit=4&cursor=${page.previousCursor}`,
          );
          back.unshift(namesOf(page));
        }
        expect(back).toEqual(seen.slice(0, 2));
      }
    },
  );

  it('keeps its place while event types come and go', async () => {
    const { find, knex, register } = await start();
    for (const name of ['b', 'd', 'f', 'h']) {
      await register(`thing-${name}`);
    }
    const first = await find('limit=2');
    expect(namesOf(first)).toEqual(['thing-b', 'thing-d']);
    await register('thing-a');
    await knex('event_types').where({ name: 'thing-d' }).delete();
    expect(namesOf(await find(`limit=2&cursor=${first.nextCursor}`))).toEqual([
      'thing-f',
      'thing-h',
    ]);
  });

  it.each([
    ['limit=0', /limit/],
    ['limit=201', /limit/],
    ['limit=ten', /limit/],
    ['sort=colour', /sort must be one of name/],
    ['tier=urgent', /tier/],
    ['state=odd', /state/],
    ['colour=blue', /colour is not known/],
    ['q=%00', /NUL/],
    ['cursor=nonsense', /cursor does not belong/],
    [
      `cursor=${Buffer.from(
        '{"sort":"version","key":["1;drop","a"],"isBackwards":false}',
      ).toString('base64url')}&sort=version`,
      /cursor does not belong/,
    ],
  ])('refuses %s, and says why', async (query, message) => {
    const { call } = await start();
    const { body, status } = await call('get', `/event-types?${query}`);
    expect(status).toBe(400);
    expect(body.error.message).toMatch(message);
  });

  it('refuses a cursor of another order', async () => {
    const { call, find } = await startShop();
    const { nextCursor } = await find('limit=1&sort=owner');
    const { status } = await call(
      'get',
      `/event-types?limit=1&sort=-owner&cursor=${nextCursor}`,
    );
    expect(status).toBe(400);
  });

  it('finds fields, since which version they are there, and who has them', async () => {
    const { call, fields } = await startShop();
    const second = {
      name: 'shop.order_paid',
      description: 'It is shop.order_paid',
      owner: 'group:default/shop',
      tier: 'normal',
      schema: record(id, {
        name: 'payer_email',
        type: ['null', 'string'],
        default: null,
        semanticType: 'email',
        doc: 'Where the receipt goes',
      }),
    };
    await call('put', '/event-types/shop.order_paid').send(second).expect(200);

    const found = await fields('semanticType=email');
    expect(
      found.items.map(item => [item.eventType, item.path, item.sinceVersion]),
    ).toEqual([
      ['github.push', 'sender.email', 1],
      ['shop.order_paid', 'payer_email', 2],
      ['shop.order_placed', 'email', 1],
    ]);
    expect(found).toMatchObject({ total: 3, eventTypes: 3, readable: 8 });
    expect(found.items[1]).toEqual({
      eventType: 'shop.order_paid',
      owner: 'group:default/shop',
      tier: 'normal',
      path: 'payer_email',
      type: 'string',
      required: false,
      doc: 'Where the receipt goes',
      semanticType: 'email',
      sinceVersion: 2,
    });
    for (const [query, paths] of [
      ['q=receipt', ['payer_email']],
      ['q=100%25', ['login']],
      ['q=github+email', ['sender.email']],
      ['eventType=shop.order_paid', ['id', 'payer_email']],
      ['owner=group:default/webhooks&semanticType=person-id', ['login']],
      [
        'sort=path&semanticType=email',
        ['email', 'payer_email', 'sender.email'],
      ],
    ] as const) {
      const { items } = await fields(query);
      expect(items.map(({ path }) => path)).toEqual(paths);
    }
    const paged: string[] = [];
    let page = await fields('limit=3&sort=path');
    paged.push(...page.items.map(item => `${item.path} ${item.eventType}`));
    while (page.nextCursor) {
      page = await fields(`limit=3&sort=path&cursor=${page.nextCursor}`);
      paged.push(...page.items.map(item => `${item.path} ${item.eventType}`));
    }
    expect(new Set(paged).size).toBe(8);
    expect(paged).toEqual([...paged].sort());
  });

  describe('with two thousand of them', () => {
    const firstPage = {
      limit: 50,
      isDescending: false,
      isBackwards: false,
    } as const;
    const scope = { ownershipRefs: [] };

    async function startEstate() {
      const backend = await start();
      await fillEstate(backend.knex);
      return backend;
    }

    it('answers a page with the same statements as for three', async () => {
      const { find, fields, knex } = await startEstate();
      const statements: string[] = [];
      knex.client.on('query', ({ sql }: { sql: string }) =>
        statements.push(sql),
      );
      const isRead = (sql: string) => /^(select|with)\b/.test(sql);
      const first = await find('limit=50&semanticType=email&fields=true');
      expect(first.items).toHaveLength(50);
      expect(first.total).toBe(1000);
      expect(statements.filter(isRead)).toHaveLength(2);

      statements.length = 0;
      const page = await fields('limit=50&semanticType=email');
      expect(page.total).toBe(1000);
      expect(statements.filter(isRead)).toHaveLength(2);
    });

    it('reads the rows of a page by an index, and looks into no others', async () => {
      const { knex } = await startEstate();
      const beside = ['thing-0777'] as const;
      const plans = [
        eventTypesPageQuery(knex, {
          criteria: {},
          page: { ...firstPage, sort: 'name', beside },
          scope,
        }),
        eventTypesPageQuery(knex, {
          criteria: {},
          page: { ...firstPage, sort: 'name', beside, isBackwards: true },
          scope: { ...scope, filter: { owners: ['group:default/shop'] } },
        }),
        fieldsPageQuery(knex, {
          criteria: {},
          page: {
            ...firstPage,
            sort: 'event-type',
            beside: ['thing-0777', '1'],
          },
          scope,
        }),
      ];
      for (const query of plans) {
        const rows = await rowsRead(knex, query);
        expect(rows.sequentialScans).toEqual([]);
        // The page, one more, the looks into each, and no thousands.
        expect(rows.most).toBeLessThanOrEqual(200);
      }
    });
  });
});

/** Two thousand event types of five fields; every second one has an address. */
async function fillEstate(knex: Knex): Promise<void> {
  await knex.raw(`
    insert into event_types (name, owner, tier, version, generation, origin,
      created_at, created_by, updated_at, updated_by)
    select 'thing-' || lpad(n::text, 4, '0'), 'group:default/shop', 'normal',
      1, 1, 'portal', now(), 'user:default/owner', now(), 'user:default/owner'
    from generate_series(0, 1999) n`);
  await knex.raw(`
    insert into event_type_versions
      (event_type, version, schema, fields, created_at, created_by)
    select name, 1, '{}', '[]', now(), 'user:default/owner' from event_types`);
  await knex.raw(`
    insert into event_type_fields
      (event_type, position, path, type, required, semantic_type, since_version)
    select name, n, 'field_' || n, 'string', true,
      case when n = 0 and right(name, 1)::int % 2 = 0 then 'email' end, 1
    from event_types, generate_series(0, 4) n`);
  await knex.raw('analyze event_types, event_type_versions, event_type_fields');
}

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  Plans?: PlanNode[];
}

/** What Postgres really read for a query, step by step of its plan. */
async function rowsRead(knex: Knex, query: Knex.QueryBuilder) {
  const { rows } = await knex.raw('explain (analyze, format json) ?', [query]);
  const root: PlanNode = rows[0]['QUERY PLAN'][0].Plan;
  const nodes: PlanNode[] = [];
  const visit = (node: PlanNode) => {
    nodes.push(node);
    node.Plans?.forEach(visit);
  };
  visit(root);
  return {
    // The table of problems is empty here; reading nothing costs nothing.
    sequentialScans: nodes
      .filter(
        node =>
          node['Node Type'] === 'Seq Scan' &&
          node['Relation Name'] !== 'declaration_problems',
      )
      .map(node => node['Relation Name']),
    most: Math.max(...nodes.map(node => node['Actual Rows'])),
  };
}

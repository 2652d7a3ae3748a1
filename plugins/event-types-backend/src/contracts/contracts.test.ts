import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import type { JsonObject } from '@backstage/types';
import request from 'supertest';
import { parse } from 'yaml';
import {
  ALLOW,
  DENY,
  type TestPolicy,
  group,
  ifOwner,
  startEventTypes,
} from '../__testUtils__/startEventTypes';
import { CONTRACT, NAME, schema } from './__testUtils__/contract';
import { chanceFrom, sorted, sprinkle } from './__testUtils__/chance';
import type { Finding } from './findings';
import { checkAgainstStandard } from './standard';

jest.setTimeout(120_000);

const OWNER = mockCredentials.user.header('user:default/owner');
const READER = mockCredentials.user.header('user:default/reader');
const STRANGER = mockCredentials.user.header('user:default/stranger');

const policy: TestPolicy = (permission, user) => {
  if (user === 'user:default/stranger') {
    return DENY;
  }
  return permission !== 'event-types.event-type.update' ||
    user === 'user:default/owner'
    ? ALLOW
    : ifOwner('nobody');
};

describe('contracts', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  const running: Array<() => Promise<unknown>> = [];

  async function start(delivery: JsonObject = {}) {
    const backend = await startEventTypes({
      knex: await databases.init('POSTGRES_18'),
      policy,
      entities: [group('webhooks')],
      config: {
        delivery: {
          bucket: 'PT1H',
          projectId: 'mill',
          lake: { root: '/var/lake' },
          ...delivery,
        },
      },
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
    const declaration = {
      name: NAME,
      description: 'A customer placed an order',
      owner: 'group:default/webhooks',
      tier: 'normal',
      schema,
    };
    await api('post', '').send(declaration).expect(201);
    const contract = `/${NAME}/contract`;
    return {
      ...backend,
      api,
      declaration,
      exported: async () =>
        (await api('get', `${contract}?format=json`)).body as JsonObject,
      asYaml: async () => (await api('get', contract)).text,
      report: async () => (await api('get', `${contract}/report`)).body,
      put: (text: string, as = OWNER) =>
        api('put', contract, as).type('application/yaml').send(text),
      check: (text: string, as = OWNER) =>
        api('post', `${contract}/check`, as)
          .type('application/yaml')
          .send(text),
    };
  }

  afterEach(async () => {
    await Promise.all(running.splice(0).map(stop => stop()));
  });

  const codesAt = (findings: Finding[]) =>
    findings.map(({ code, pointer }) => `${code} ${pointer}`);

  it('shows what it would give out if nothing had been imported', async () => {
    const { api, asYaml, put } = await start();
    const generated = await asYaml();
    await put(CONTRACT).expect(201);
    const imported = await asYaml();
    expect(imported).not.toBe(generated);
    const path = `/${NAME}/contract`;
    const preview = await api('get', `${path}?source=generated`);
    expect([preview.status, preview.text]).toEqual([200, generated]);
    const report = await api('get', `${path}/report?source=generated`);
    expect(report.body).toMatchObject({ source: 'generated', findings: [] });
    expect(await asYaml()).toBe(imported);
    expect((await api('get', `${path}?source=other`)).status).toBe(400);
  });

  it('writes what it knows of an event type as a valid contract', async () => {
    const { api, exported, asYaml, report } = await start({
      sinks: { bigQuery: { dataset: 'events', location: 'EU' } },
    });
    const contract = await exported();
    expect(checkAgainstStandard(contract)).toEqual([]);
    expect(contract).toMatchObject({
      apiVersion: 'v3.1.0',
      kind: 'DataContract',
      id: 'urn:millrace:event-type:shop.order_placed',
      version: '1.0.0',
      status: 'active',
      description: { purpose: 'A customer placed an order' },
      team: { name: 'webhooks' },
      servers: [
        { server: 'topic', type: 'pubsub', project: 'mill' },
        { server: 'lake', type: 'local', path: 'shop.order_placed/' },
        { type: 'bigquery', project: 'mill', dataset: 'events' },
      ],
      schema: [
        {
          name: NAME,
          properties: [
            {
              name: 'order_id',
              logicalType: 'string',
              required: true,
              description: 'Unique',
            },
            {
              name: 'email',
              logicalType: 'string',
              required: false,
              classification: 'confidential',
              customProperties: [{ property: 'semanticType', value: 'email' }],
            },
            { name: 'placed_at', logicalType: 'timestamp' },
            {
              name: 'lines',
              logicalType: 'array',
              physicalType: 'array<record>',
              items: {
                logicalType: 'object',
                properties: [
                  { name: 'sku', logicalType: 'string' },
                  { name: 'count', logicalType: 'integer' },
                ],
              },
            },
            {
              name: 'first_line',
              logicalType: 'object',
              required: false,
              properties: [{ name: 'sku' }, { name: 'count' }],
            },
            {
              name: 'totals',
              logicalType: 'object',
              physicalType: 'map<double>',
            },
            { name: 'raw', physicalType: 'json' },
          ],
        },
      ],
      slaProperties: [
        { property: 'frequency', value: 1, unit: 'h' },
        { property: 'latency', value: 1, unit: 'h' },
      ],
    });
    // The machine's own path is nobody's business.
    expect(JSON.stringify(contract)).not.toContain('/var/lake');

    const text = await asYaml();
    expect(parse(text)).toEqual(contract);
    expect(text).not.toMatch(/%YAML/);
    expect(text).toMatch(/# measured: .*\n\s*- property: latency/);
    expect(await report()).toMatchObject({
      source: 'generated',
      findings: [],
      serviceLevels: [{ status: 'measured' }, { status: 'measured' }],
    });
    const json = await api('get', `/${NAME}/contract`).set(
      'Accept',
      'application/json',
    );
    expect(json.body).toEqual(contract);
    expect(
      (await api('get', `/${NAME}/contract`)).headers['content-disposition'],
    ).toBe('inline; filename="shop.order_placed.odcs.yaml"');
  });

  it('tells the lake in Cloud Storage, and short partitions', async () => {
    const { exported } = await start({
      bucket: 'PT1M',
      lake: { root: 'gs://mill/lake/' },
    });
    const contract = await exported();
    expect(checkAgainstStandard(contract)).toEqual([]);
    expect(contract).toMatchObject({
      servers: [
        { type: 'pubsub' },
        { type: 'custom', location: 'gs://mill/lake/shop.order_placed/' },
      ],
      slaProperties: [
        { property: 'frequency', value: 1, unit: 'min' },
        { property: 'latency', value: 1, unit: 'min' },
      ],
    });
  });

  it('keeps a contract as its author wrote it, and reports what nobody measures', async () => {
    const { put, exported, asYaml, report, api, audited } = await start();
    const imported = await put(CONTRACT);
    expect(imported.status).toBe(201);
    expect(
      imported.body.findings.map(
        ({ code, line }: Finding) =>
          `${code} ${CONTRACT.split('\n')[Number(line) - 1].trim()}`,
      ),
    ).toEqual([
      'unknown_key x-internal: { threshold: 0.5 }',
      'service_level_differs - property: latency',
      'unknown_key nested: [1, { deep: yes }]',
      'other_schema_object - name: customers',
    ]);
    expect(
      imported.body.serviceLevels.map(
        ({ property, status }: { property: string; status: string }) =>
          `${property} ${status}`,
      ),
    ).toEqual([
      'latency measured',
      'latency differs',
      'frequency measured',
      'timeOfAvailability measured',
      'retention declared only',
      'latency declared only',
    ]);

    expect(sorted(await exported())).toBe(sorted(parse(CONTRACT)));
    const text = await asYaml();
    expect(sorted(parse(text))).toBe(sorted(parse(CONTRACT)));
    // Other tools read YAML 1.1, in which these would be dates.
    expect(text).toContain('"2022-10-03"');
    expect(text).toContain('"2022-11-15T02:59:43+00:00"');
    expect(text).toMatch(/# declared only: .*\n\s*- property: retention/);

    expect(await report()).toMatchObject({
      source: 'imported',
      importedBy: 'user:default/owner',
    });
    expect((await put(CONTRACT)).status).toBe(200);
    expect(audited.slice(-1)).toEqual([
      {
        eventId: 'event-type-mutate',
        outcome: 'success',
        meta: {
          actionType: 'update',
          aspect: 'contract',
          eventType: NAME,
          outcome: 'imported',
        },
      },
    ]);
    // Nothing that is registered has changed.
    expect((await api('get', `/${NAME}`)).body).toMatchObject({
      generation: 1,
      description: 'A customer placed an order',
    });

    expect((await api('delete', `/${NAME}/contract`)).status).toBe(204);
    expect((await report()).source).toBe('generated');
    expect((await api('delete', `/${NAME}/contract`)).status).toBe(404);
  });

  it('gives back any contract with any keys out of the database, as YAML and as JSON', async () => {
    const { put, exported, asYaml } = await start();
    const generated = await exported();
    for (let seed = 1; seed <= 8; seed++) {
      const chance = chanceFrom(seed);
      const source = sprinkle(
        chance.next() < 0.5 ? generated : parse(CONTRACT),
        chance,
      );
      const { status, body } = await put(JSON.stringify(source, null, 1));
      expect([seed, status, body.error]).toEqual([
        seed,
        expect.any(Number),
        undefined,
      ]);
      const back = await exported();
      expect(sorted(back)).toBe(sorted(source));
      // And once around through the YAML that is given out.
      const text = await asYaml();
      expect(sorted(parse(text))).toBe(sorted(source));
      await put(text);
      expect(sorted(await exported())).toBe(sorted(source));
    }
  });

  it('refuses what contradicts the registered schema, line by line, and keeps nothing', async () => {
    const { put, check, report, audited } = await start();
    const text = `apiVersion: v3.1.0
kind: DataContract
id: a
version: "1"
status: active
schema:
  - name: orders
    properties:
      - name: order_id
        logicalType: integer
      - name: email
        required: true
        classification: Public
        customProperties:
          - { property: semanticType, value: phone }
      - name: colour
      - name: lines
        items:
          logicalType: object
          properties:
            - name: sku
              logicalType: number
            - name: extra
team: { name: others }
customProperties:
  - { property: millraceTier, value: critical }
`;
    const refused = await put(text);
    expect(refused.status).toBe(409);
    const found: Finding[] = refused.body.error.problems;
    expect(
      found
        .filter(({ severity }) => severity !== 'note')
        .map(({ line, code, pointer }) => `${line} ${code} ${pointer}`),
    ).toEqual([
      '10 field_type_differs /schema/0/properties/0/logicalType',
      '12 field_required_differs /schema/0/properties/1/required',
      '16 field_unknown /schema/0/properties/2/name',
      '22 field_type_differs /schema/0/properties/3/items/properties/0/logicalType',
      '23 field_unknown /schema/0/properties/3/items/properties/1/name',
      '13 classification_differs /schema/0/properties/1/classification',
      '15 semantic_type_differs /schema/0/properties/1/customProperties',
      '24 owner_differs /team',
      '26 tier_differs /customProperties',
    ]);
    expect(refused.body.error.message).toContain('line 10');
    expect((await report()).source).toBe('generated');
    expect(audited.slice(-1)).toMatchObject([{ outcome: 'fail' }]);

    const checked = await check(text);
    expect(checked.status).toBe(200);
    expect(checked.body).toMatchObject({ isKept: false, findings: found });
    expect((await check(CONTRACT)).body.isKept).toBe(true);
    expect((await report()).source).toBe('generated');
  });

  it('reads the versions since 3.0.0 and writes 3.1.0', async () => {
    const { put, exported } = await start();
    const old = `apiVersion: v3.0.2
kind: DataContract
id: 7
version: 1.10
status: active
schema:
  - name: ${NAME}
    properties:
      - name: placed_at
        logicalType: date
        isNullable: false
        quality:
          - rule: rowCount
            mustBeGreaterThan: 10
          - rule: uniqueCheck
team:
  - username: daustin
    role: Owner
slaDefaultElement: orders.placed_at
`;
    const { status, body } = await put(old);
    expect(status).toBe(201);
    expect(codesAt(body.findings)).toEqual([
      'unknown_key /schema/0/properties/0/isNullable',
      'upgraded /apiVersion',
      'upgraded /id',
      'upgraded /version',
      ...Array(6).fill('field_missing /schema/0/properties'),
      'upgraded /schema/0/properties/0/quality/0/rule',
      'upgraded /team',
    ]);
    expect(await exported()).toMatchObject({
      apiVersion: 'v3.1.0',
      id: '7',
      version: '1.10',
      team: { members: [{ username: 'daustin', role: 'Owner' }] },
      slaDefaultElement: 'orders.placed_at',
      schema: [
        {
          properties: [
            {
              name: 'placed_at',
              logicalType: 'date',
              isNullable: false,
              quality: [
                { metric: 'rowCount', mustBeGreaterThan: 10 },
                { rule: 'uniqueCheck' },
              ],
            },
            { name: 'order_id', logicalType: 'string' },
            { name: 'email' },
            { name: 'lines' },
            { name: 'first_line' },
            { name: 'totals' },
            { name: 'raw' },
          ],
        },
      ],
    });
    for (const [wrong, code] of [
      [old.replace('v3.0.2', 'v2.2.2'), 'unsupported_version'],
      [old.replace('v3.0.2', 'v4.0.0'), 'unsupported_version'],
      [old.replace('DataContract', 'DataProduct'), 'wrong_kind'],
      [`${old}schema: []`, 'invalid_yaml'],
      [old.replace('isNullable', 'name'), 'invalid_yaml'],
      [
        old
          .replace('quality:', 'x:')
          .replace('team:', '      - name: placed_at\nteam:'),
        'field_listed_twice',
      ],
      [
        old.replace('- name: placed_at', '- logicalName: x'),
        'invalid_structure',
      ],
      ['- a', 'invalid_structure'],
      ['a: [', 'invalid_yaml'],
      ['a: &a [*a, *a]', 'too_many_aliases'],
      ['__proto__: 1', 'forbidden_key'],
    ]) {
      const refused = await put(wrong);
      expect([refused.status, refused.body.error.problems[0].code]).toEqual([
        400,
        code,
      ]);
    }
    expect((await put('')).status).toBe(400);
    expect((await put(`a: ${'x'.repeat(2 ** 20)}`)).status).toBe(413);
    expect((await exported()).id).toBe('7');
  });

  it('follows the schema after the contract was imported', async () => {
    const { api, declaration, exported, put, report } = await start();
    await put(CONTRACT);
    const { fields } = schema;
    const grown = {
      ...schema,
      fields: [
        { name: 'order_id', type: ['null', 'string'] },
        ...fields.slice(1),
        { name: 'coupon', type: ['null', 'string'] },
      ],
    };
    await api('put', `/${NAME}`)
      .send({ ...declaration, schema: grown })
      .expect(200);

    const source = parse(CONTRACT);
    source.schema[0].properties[2].required = false;
    source.schema[0].properties.push({
      name: 'coupon',
      logicalType: 'string',
      physicalType: 'string',
      required: false,
    });
    expect(sorted(await exported())).toBe(sorted(source));
    expect(codesAt((await report()).findings)).toEqual(
      expect.arrayContaining([
        'field_required_differs /schema/0/properties/2/required',
        'field_missing /schema/0/properties',
      ]),
    );
  });

  it('shows a contract to who may read the event type, and takes one from who may change it', async () => {
    const { api, put, check, exported } = await start();
    const path = `/${NAME}/contract`;
    expect((await api('get', path, READER)).status).toBe(200);
    expect((await api('get', `${path}/report`, READER)).status).toBe(200);
    for (const answer of [
      await put(CONTRACT, READER),
      await check(CONTRACT, READER),
      await api('delete', path, READER),
      await put(CONTRACT, STRANGER),
      await api('get', path, STRANGER),
      await api('get', `${path}/report`, STRANGER),
    ]) {
      expect(answer.status).toBe(403);
    }
    const nobody = mockCredentials.none.header();
    expect((await api('get', path, nobody)).status).toBe(401);
    expect((await put(CONTRACT, nobody)).status).toBe(401);
    expect((await exported()).id).toBe(`urn:millrace:event-type:${NAME}`);
    expect((await api('get', '/not.there/contract')).status).toBe(404);
    expect((await api('get', `${path}?format=xml`)).status).toBe(400);
  });
});

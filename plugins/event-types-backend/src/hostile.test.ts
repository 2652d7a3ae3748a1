import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import request from 'supertest';
import { parse, stringify } from 'yaml';
import { ALLOW, group, startEventTypes } from './__testUtils__/startEventTypes';

jest.setTimeout(300_000);

/**
 * What people may try, and what becomes of it. One table, run through every way
 * in: the API, a declaration in the catalog, the import of schemas, the linter.
 */
interface Case {
  what: string;
  /** Parts of a declaration that replace good ones. */
  part: {
    name?: unknown;
    description?: unknown;
    owner?: unknown;
    tags?: unknown;
    retention?: unknown;
    system?: unknown;
    schema?: unknown;
  };
  /** `kept`: taken as the text it is. */
  fate: 'kept' | 'refused';
}

const record = (...fields: unknown[]) => ({
  type: 'record',
  name: 'event',
  fields,
});

const nested = (levels: number): unknown => {
  let type: unknown = 'int';
  for (let level = 0; level < levels; level += 1) {
    type = { type: 'array', items: type };
  }
  return type;
};

/** Each record holds the one before twice: 2^40 fields. */
const exploding = record(
  ...Array.from({ length: 40 }, (_, n) => ({
    name: `f${n}`,
    type: {
      type: 'record',
      name: `r${n}`,
      fields:
        n === 0
          ? [{ name: 'x', type: 'int' }]
          : ['a', 'b'].map(name => ({ name, type: `r${n - 1}` })),
    },
  })),
);

const names = (fate: Case['fate'], ...list: unknown[]): Case[] =>
  list.map(name => ({
    what: `the name ${JSON.stringify(name).slice(0, 40)}`,
    part: { name },
    fate,
  }));
const descriptions = (fate: Case['fate'], ...list: unknown[]): Case[] =>
  list.map(description => ({
    what: `the description ${JSON.stringify(description).slice(0, 40)}`,
    part: { description },
    fate,
  }));
const fields = (fate: Case['fate'], ...list: object[]): Case[] =>
  list.map(field => ({
    what: `the field ${JSON.stringify(field).slice(0, 60)}`,
    part: { schema: record({ type: 'int', ...field }) },
    fate,
  }));

const CASES: Case[] = [
  ...names(
    'refused',
    '../../etc/passwd',
    '..%2f..%2fetc',
    '/etc/passwd',
    "x'; drop table event_types; --",
    'x" or 1=1 --',
    '<script>alert(1)</script>',
    '__proto__',
    'toString',
    'shop.order\n',
    'shop.order\u0000',
    'shop..order',
    'ｓｈｏｐ.order',
    'x'.repeat(100_000),
  ),
  ...names('kept', 'constructor', 'prototype', 'select'),
  ...descriptions(
    'kept',
    '<img src=x onerror=alert(1)>',
    "'; drop table event_types; --",
    // eslint-disable-next-line no-template-curly-in-string
    '${7*7} {{7*7}} #{7*7}',
    '[x](javascript:alert(1))',
    '\u202egnp.exe',
    '::error::not an error',
    '=cmd|calc!A1',
    '!!js/function x',
    '*alias',
    '{ not: yaml }',
    '---\nkind: Group\n---',
    'no',
    '0x10',
    ' with spaces ',
  ),
  ...descriptions('refused', 'a\u0000b', 'x'.repeat(5_000), 42, ['a'], {}),
  ...fields(
    'kept',
    { name: 'a', jsonName: '<b>bold</b>' },
    { name: 'a', jsonName: "x'; drop table y; --" },
    { name: 'a', jsonName: '../../x' },
    { name: 'constructor' },
    { name: 'toString' },
    { name: 'a', doc: '*/ process.exit() /*' },
  ),
  ...fields(
    'refused',
    { name: '__proto__' },
    { name: 'a', jsonName: '__proto__' },
    { name: 'a', jsonName: 'a\u0000' },
    { name: 'a', jsonName: 'x'.repeat(300) },
    { name: 'a', type: nested(200) },
    { name: 'a', type: 'event' },
    { name: 'a', type: 'bytes' },
    { name: 'a', tags: ['x'] },
    { name: 'a', semanticType: 'x'.repeat(200) },
    { name: 'a', semanticType: 'constructor' },
  ),
  { what: 'a schema of text', part: { schema: 'record' }, fate: 'refused' },
  { what: 'a schema of nothing', part: { schema: {} }, fate: 'refused' },
  {
    what: 'three thousand fields',
    part: {
      schema: record(
        ...Array.from({ length: 3_000 }, (_, n) => ({
          name: `f${n}`,
          type: 'int',
        })),
      ),
    },
    fate: 'refused',
  },
  { what: 'an exploding schema', part: { schema: exploding }, fate: 'refused' },
  {
    what: 'a schema of two megabytes',
    part: {
      schema: record({ name: 'a', type: 'int', doc: 'x'.repeat(1.9e6) }),
    },
    fate: 'refused',
  },
  ...[
    "group:default/x'--",
    '../../x',
    'group:default/a/b',
    '__proto__:a/b',
    7,
  ].map(
    (owner): Case => ({
      what: `the owner ${owner}`,
      part: { owner },
      fate: 'refused',
    }),
  ),
  { what: 'a tag of HTML', part: { tags: ['<b>'] }, fate: 'refused' },
  { what: 'tags of text', part: { tags: 'a' }, fate: 'refused' },
  { what: 'a retention path', part: { retention: '../x' }, fate: 'refused' },
  { what: 'a system of HTML', part: { system: '<b>' }, fate: 'refused' },
];

const GOOD = {
  description: 'It happened',
  owner: 'group:default/webhooks',
  tier: 'normal',
  schema: record({ name: 'id', type: 'long' }),
};

/** A name of its own for each case that does not try one. */
function bodyOf(part: Case['part'], index: number) {
  return { name: `case.n${index}x`, ...GOOD, ...part };
}

function entityOf(part: Case['part'], index: number) {
  const { name, description, tags, ...spec } = bodyOf(part, index);
  return {
    apiVersion: 'millrace.io/v1alpha1',
    kind: 'EventType',
    metadata: { name, namespace: 'default', description, tags },
    spec,
  };
}

function fateOf(status: number, isExplained: boolean): string {
  if (status === 201) {
    return 'kept';
  }
  return isExplained ? 'refused' : `status ${status} without a problem`;
}

describe('hostile declarations', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  const USER = mockCredentials.user.header();

  async function start() {
    const knex = await databases.init('POSTGRES_18');
    const backend = await startEventTypes({
      knex,
      policy: () => ALLOW,
      entities: [group('webhooks')],
    });
    const call = (method: 'get' | 'post', url: string) =>
      request(backend.server)
        [method](`/api/event-types${url}`)
        .set('Authorization', USER);
    return { ...backend, knex, call };
  }

  /** Whoever was kept is there as it was sent, and the tables are too. */
  const keptDescriptions = CASES.filter(
    ({ fate, part }) => fate === 'kept' && part.description !== undefined,
  ).map(({ part }) => part.description);

  it('are refused or kept as text by the API, and come out as they went in', async () => {
    const { call, knex, stop } = await start();
    try {
      const fates = [];
      for (const [index, { what, part }] of CASES.entries()) {
        const { status, body } = await call('post', '/event-types').send(
          bodyOf(part, index),
        );
        const isExplained = status === 400 && body.error.problems.length > 0;
        fates.push([what, fateOf(status, isExplained)]);
      }
      expect(fates).toEqual(CASES.map(({ what, fate }) => [what, fate]));

      const { body } = await call('get', '/event-types');
      const shown = body.items.map(
        (item: { description: string }) => item.description,
      );
      expect(shown).toEqual(expect.arrayContaining(keptDescriptions));
      for (const { name, description } of body.items) {
        const yaml = await call('get', `/event-types/${name}/declaration.yaml`);
        expect(parse(yaml.text).metadata).toMatchObject({ name, description });
        const { status } = await call(
          'get',
          `/event-types/${name}/availability`,
        );
        expect(status).toBe(200);
      }
      expect(Number((await knex('event_types').count())[0].count)).toBe(
        CASES.filter(({ fate }) => fate === 'kept').length,
      );
    } finally {
      await stop();
    }
  });

  it('have the same fate as declarations in the catalog', async () => {
    const { call, knex, setEntities, stop, takeIn } = await start();
    try {
      const entities = CASES.map(({ part }, index) =>
        entityOf(part, index),
      ).filter(({ metadata }) => typeof metadata.name === 'string');
      setEntities([
        group('webhooks'),
        ...entities.map(each => JSON.parse(JSON.stringify(each))),
      ]);
      await takeIn();
      const kept = await knex('event_types').pluck('name');
      expect(new Set(kept)).toEqual(
        new Set(
          CASES.flatMap(({ fate, part }, index) =>
            fate === 'kept' ? [bodyOf(part, index).name] : [],
          ),
        ),
      );
      const { body } = await call('get', '/event-types');
      expect(
        body.items.map((item: { description: string }) => item.description),
      ).toEqual(expect.arrayContaining(keptDescriptions));
    } finally {
      await stop();
    }
  });

  it('have the same fate when previewed and reviewed', async () => {
    const { call, stop } = await start();
    try {
      for (const [index, { what, part, fate }] of CASES.entries()) {
        const { name, schema } = bodyOf(part, index);
        const review = await call('post', '/event-types/review').send(
          bodyOf(part, index),
        );
        expect([what, review.status, review.body.isReady]).toEqual([
          what,
          200,
          fate === 'kept',
        ]);
        const preview = await call('post', '/event-types/preview').send({
          name,
          schema,
        });
        expect([what, preview.status]).toEqual([what, 200]);
      }
    } finally {
      await stop();
    }
  });

  it('have the same fate at the linter', async () => {
    const folder = await fs.mkdtemp(
      path.join(os.tmpdir(), 'millrace-hostile-'),
    );
    try {
      await Promise.all(
        CASES.map(({ part }, index) =>
          fs.writeFile(
            path.join(folder, `${String(index).padStart(3, '0')}.yaml`),
            stringify(entityOf(part, index), { aliasDuplicateObjects: false }),
          ),
        ),
      );
      const bin = path.resolve(
        __dirname,
        '../../../packages/runtime/bin/millrace',
      );
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [bin, 'lint', '--format', 'json', folder],
        { maxBuffer: 64e6, env: { PATH: process.env.PATH, NODE_OPTIONS: '' } },
      ).catch(error => {
        // Its exit code with errors; the output is there all the same.
        return error.code === 1 ? error : Promise.reject(error);
      });
      const { problems } = JSON.parse(stdout);
      const refused = new Set(
        problems
          .filter((each: { severity: string }) => each.severity === 'error')
          .map((each: { file: string }) =>
            Number(path.basename(each.file, '.yaml')),
          ),
      );
      expect(
        CASES.map(({ what }, index) => [
          what,
          refused.has(index) ? 'refused' : 'kept',
        ]),
      ).toEqual(CASES.map(({ what, fate }) => [what, fate]));
    } finally {
      await fs.rm(folder, { recursive: true });
    }
  });
});

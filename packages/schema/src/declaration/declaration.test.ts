import fc from 'fast-check';
import { arbitraryRecordSpec, avroOf } from '../__testUtils__/arbitraries';
import { parseEventSchema } from '../avro';
import { annotatedFieldsOf } from '../privacy/annotatedFields';
import {
  readEntityHead,
  ruleEventsPerDay,
  ruleOwner,
  ruleTags,
  sourcePointer,
  unknownSpecProperties,
} from '.';

const codes = (problems: Array<{ code: string; pointer: string }>) =>
  problems.map(({ code, pointer }) => `${code} ${pointer}`);

const entity = (metadata: object, spec: object) => ({
  apiVersion: 'millrace.io/v1alpha1',
  kind: 'EventType',
  metadata: { name: 'shop.order', ...metadata },
  spec: { owner: 'webhooks', ...spec },
});

describe('readEntityHead', () => {
  it('reads what is said, and leaves out what is not', () => {
    expect(readEntityHead(entity({}, {}))).toEqual({
      problems: [],
      value: {
        name: 'shop.order',
        owner: 'group:default/webhooks',
        tier: 'normal',
        details: {},
      },
    });
    expect(
      readEntityHead(
        entity(
          { description: ' An order ', tags: ['c++', 'a-1'] },
          {
            tier: 'low',
            system: 'Shop',
            retention: 'long',
            expectedEventsPerDay: 3,
          },
        ),
      ).value,
    ).toEqual({
      name: 'shop.order',
      description: ' An order ',
      owner: 'group:default/webhooks',
      tier: 'low',
      details: {
        retention: 'long',
        expectedEventsPerDay: 3,
        tags: ['c++', 'a-1'],
        system: 'system:default/shop',
      },
    });
  });

  it.each<[string, unknown, string[]]>([
    [
      'no entity',
      'text',
      ['missing_property /metadata', 'missing_property /spec'],
    ],
    [
      'everything wrong at once',
      entity(
        { name: 'Shop', namespace: 'team', description: 1, tags: ['A'] },
        { owner: '', tier: 'top', system: 1, retention: 'A B' },
      ),
      [
        'unsupported_namespace /metadata/namespace',
        'invalid_event_type_name /metadata/name',
        'missing_property /spec/owner',
        'invalid_value /spec/tier',
        'wrong_type /metadata/description',
        'invalid_value /metadata/tags/0',
        'invalid_value /spec/system',
        'invalid_value /spec/retention',
      ],
    ],
  ])('tells of %s', (_what, document, problems) => {
    const head = readEntityHead(document);
    expect(codes(head.problems)).toEqual(problems);
    expect(head.value).toBeUndefined();
  });

  it('knows the retention classes it is told', () => {
    const options = { retentionClasses: ['short'] };
    const long = entity({}, { retention: 'long' });
    expect(codes(readEntityHead(long, options).problems)).toEqual([
      'invalid_value /spec/retention',
    ]);
    expect(readEntityHead(long).problems).toEqual([]);
  });

  it('never fails in another way than by problems', () => {
    let read = 0;
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (a, b, c) => {
        readEntityHead(a);
        readEntityHead({ metadata: b, spec: c });
        readEntityHead(
          entity(
            { name: a, description: b, tags: c },
            { owner: a, tier: b, system: c, expectedEventsPerDay: a },
          ),
        );
        unknownSpecProperties({ spec: a });
        read += 1;
      }),
    );
    expect(read).toBeGreaterThan(50);
  });

  it('points out properties that mean nothing', () => {
    expect(
      codes(unknownSpecProperties(entity({}, { teir: 'low', 'a/b': 1 }))),
    ).toEqual(['unknown_property /spec/teir', 'unknown_property /spec/a~1b']);
  });
});

describe('rules', () => {
  it.each([
    ['webhooks', 'group:default/webhooks'],
    ['Team/Web.Hooks', 'group:team/web.hooks'],
    ['user:owner', 'user:default/owner'],
    ['GROUP:default/a', 'group:default/a'],
  ])('read the owner %s as %s', (text, ref) => {
    expect(ruleOwner(text, '').value).toBe(ref);
  });

  it.each([
    'component:a/b',
    'group:',
    'group:/a',
    'a/b/c',
    'a b',
    '-a',
    'a.',
    '../a',
    'x'.repeat(64),
    7,
  ])('take %p for no owner', text => {
    expect(ruleOwner(text, '').problems).toHaveLength(1);
  });

  it('bound numbers and lists', () => {
    for (const value of [0, -1, 1.5, NaN, 1e13, '5', Infinity]) {
      expect(ruleEventsPerDay(value, '').problems).toHaveLength(1);
    }
    expect(ruleEventsPerDay(1e12, '').value).toBe(1e12);
    expect(ruleTags(Array(21).fill('a'), '').problems).toHaveLength(1);
    expect(ruleTags([], '')).toEqual({ problems: [] });
  });
});

describe('sourcePointer', () => {
  /** Writes a schema in forms that are parsed to the same. */
  const rewrite = (node: unknown, seed: number): unknown => {
    if (Array.isArray(node)) {
      const items = node.map(item => rewrite(item, seed + 1));
      const isUnion = items.length === 2 && items[0] === 'null';
      return isUnion && seed % 2 === 0 ? items.reverse() : items;
    }
    if (typeof node !== 'object' || node === null) {
      return node;
    }
    const copy = Object.fromEntries(
      Object.entries(node).map(([key, value]) => [
        key,
        rewrite(value, seed + 1),
      ]),
    );
    const isField = 'name' in copy && 'type' in copy && !('fields' in copy);
    return isField && !('symbols' in copy) && seed % 3 === 0
      ? { ...copy, type: { type: copy.type } }
      : copy;
  };

  it('finds the field in what its author wrote, however it was written', () => {
    let fields = 0;
    fc.assert(
      fc.property(arbitraryRecordSpec, fc.nat({ max: 5 }), (spec, seed) => {
        const source = rewrite(avroOf(spec), seed);
        for (const { pointer, path } of annotatedFieldsOf(
          parseEventSchema(source),
        )) {
          let node: unknown = source;
          for (const token of sourcePointer(source, pointer)
            .split('/')
            .slice(1)) {
            node = Reflect.get(Object(node), token);
          }
          fields += 1;
          expect(path).toContain(String(Reflect.get(Object(node), 'jsonName')));
        }
      }),
      { numRuns: 200 },
    );
    expect(fields).toBeGreaterThan(200);
  });

  it('stops at the nearest place when there is none', () => {
    expect(sourcePointer({ fields: [{}] }, '/fields/0/type/items')).toBe(
      '/fields/0',
    );
    expect(sourcePointer('text', '/fields/0')).toBe('');
  });
});

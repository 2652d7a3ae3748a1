import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import type { EventType } from '@millrace/plugin-event-types-common';
import {
  type EventSchema,
  detailsOf,
  parseEventSchema,
  ruleOwner,
} from '@millrace/schema';
import { parse } from 'yaml';
import type { SchemaCompiler } from '../compiling';
import { exportDeclaration } from './exportDeclaration';
import { parseDeclaration } from './parseDeclaration';

/** Chance with a seed, so that a failure can be looked at again. */
function chance(seed: number) {
  let state = seed;
  const next = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const pick = <T>(list: readonly T[]): T => list[next(list.length)];
  return { next, pick };
}

/** Texts that YAML, in one version or another, takes for something else. */
const TEXTS = [
  'plain',
  'no',
  'Yes',
  'on',
  '~',
  'null',
  '0x10',
  '012',
  '1e3',
  '1:30',
  '2026-11-21',
  '2026-11-21T10:00:00Z',
  '<<',
  '=',
  '*a',
  '&a',
  '!tag',
  '%x',
  '@x',
  '`x`',
  '{a: b}',
  '[a]',
  '- a',
  'a: b',
  'a #b',
  '# a',
  '---',
  '...',
  ' leading',
  'trailing ',
  'two\nlines',
  'two\n\n\nlines\n',
  '\ttab',
  'quote " and \' and \\',
  'ünï ✓ 日本 \u202e \u2028 \u0085 \ufeff',
  'a'.repeat(300),
  `${'word '.repeat(60)}end`,
  '<script>',
];

function arbitraryEventType(seed: number): EventType {
  const { next, pick } = chance(seed);
  const maybe = <T>(value: () => T) => (next(2) ? value() : undefined);
  let records = 0;
  const annotations = () => ({
    ...(next(3) === 0 && { doc: pick(TEXTS) }),
    ...(next(3) === 0 && {
      semanticType: pick(['none', 'email', 'free-text']),
    }),
    ...(next(5) === 0 && { unit: pick(TEXTS) }),
    ...(next(5) === 0 && { sensitive: next(2) === 0, weight: next(9) / 4 }),
  });
  function typeAt(depth: number): unknown {
    switch (depth > 3 ? next(4) : next(8)) {
      case 0:
        return 'string';
      case 1:
        return 'long';
      case 2:
        return { type: 'long', logicalType: 'timestamp-micros' };
      case 3:
        return { type: 'string', logicalType: 'json' };
      case 4:
        return { type: 'array', items: optional(typeAt(depth + 1)) };
      case 5:
        return { type: 'map', values: optional(typeAt(depth + 1)) };
      case 6:
        records += 1;
        return {
          type: 'enum',
          name: `E${records}`,
          symbols: ['no', 'on', 'N'],
        };
      default:
        return recordAt(depth + 1);
    }
  }
  function optional(type: unknown): unknown {
    return next(2) ? ['null', type] : type;
  }
  function recordAt(depth: number): object {
    records += 1;
    return {
      type: 'record',
      name: `r${records}`,
      ...(next(2) && { doc: pick(TEXTS) }),
      fields: Array.from({ length: next(4) }, (_, index) => ({
        name: `f${index}`,
        ...(next(4) === 0 && {
          jsonName: `${index} ${pick(TEXTS.slice(0, 30))}`.replaceAll(
            /\p{Cc}/gu,
            '',
          ),
        }),
        type: optional(typeAt(depth)),
        ...annotations(),
      })),
    };
  }
  const { avro } = parseEventSchema(recordAt(1));
  return {
    name: pick(['shop.order', 'no.on', 'null', 'true', 'e1e3', 'yes-1']),
    description: pick(TEXTS),
    owner: pick(['group:default/webhooks', 'user:default/no']),
    tier: pick(['critical', 'normal', 'low']),
    ...detailsOf({
      retention: maybe(() => pick(['long', 'no', '12', '1e3'])),
      expectedEventsPerDay: maybe(() => pick([1, 1e12, 86_400])),
      tags: maybe(() => ['no', '1', 'c++', '0x1f'].slice(next(3))),
      system: maybe(() => 'system:default/shop'),
    }),
    version: 1,
    generation: 1,
    origin: 'portal',
    schema: JSON.parse(JSON.stringify(avro)),
    fields: [],
    createdAt: '',
    createdBy: '',
    updatedAt: '',
    updatedBy: '',
  };
}

/** The worker's rule without the worker: its limits are tested elsewhere. */
const compiler: SchemaCompiler = {
  compile: async source => ({
    value:
      source.kind === 'avro'
        ? parseEventSchema(source.schema)
        : (undefined as EventSchema | undefined),
    problems: [],
  }),
};

describe('a declaration as code', () => {
  it('declares the same when it is taken in again, whatever it holds', async () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const eventType = arbitraryEventType(seed);
      const text = exportDeclaration(eventType);
      for (const version of ['1.2', '1.1'] as const) {
        const entity = parse(text, { version });
        const { schema, details, ...rest } = await parseDeclaration(
          entity,
          compiler,
        );
        const { name, description, owner, tier } = eventType;
        expect({ seed, version, ...rest }).toMatchObject({
          seed,
          version,
          name,
          description: description?.trim() ? description : undefined,
          owner,
          tier,
        });
        expect(details).toEqual(
          detailsOf({
            retention: eventType.retention,
            expectedEventsPerDay: eventType.expectedEventsPerDay,
            tags: eventType.tags,
            system: eventType.system,
          }),
        );
        expect(JSON.parse(JSON.stringify(schema.avro))).toEqual(
          eventType.schema,
        );
        // And once more: what comes out of it is the same text.
        expect(
          exportDeclaration({
            ...eventType,
            schema: JSON.parse(JSON.stringify(schema.avro)),
          }),
        ).toBe(text);
      }
    }
  });

  it.each([
    'webhooks',
    'group:webhooks',
    'team/webhooks',
    'user:team/someone',
    'Group:Default/WebHooks',
    'a.b-c_d',
    'group:',
    ':a',
    '/a',
    'a/',
    'group:/a',
    'group:a/',
  ])('names the owner %s as Backstage does', text => {
    let theirs: string | undefined;
    try {
      theirs = stringifyEntityRef(
        parseEntityRef(text, {
          defaultKind: 'group',
          defaultNamespace: 'default',
        }),
      );
    } catch {
      theirs = undefined;
    }
    expect(ruleOwner(text, '').value).toBe(theirs);
  });
});

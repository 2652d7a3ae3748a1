import type { Fix, FixOperation } from '@millrace/plugin-delivery-common';
import fc from 'fast-check';
import { applyFix } from './applyFix';
import {
  isJsonObject,
  type JsonNode,
  type JsonObject,
  parseJsonTree,
  writeJsonTree,
} from './jsonTree';
import { expandPointer, formatPointer, parsePointer } from './pointers';

function objectOf(text: string): JsonObject {
  const tree = parseJsonTree(text);
  if (!isJsonObject(tree)) {
    throw new Error('not an object');
  }
  return tree;
}

function fixed(text: string, ...fix: Fix): string {
  const event = objectOf(text);
  applyFix(event, fix);
  return writeJsonTree(event);
}

/** Every scalar of a document by its pointer, and every empty list or object. */
function leavesOf(node: JsonNode, at: string[] = []): Map<string, string> {
  const isList = Array.isArray(node);
  if ((isList || isJsonObject(node)) && Object.keys(node).length > 0) {
    return new Map(
      Object.entries(node).flatMap(([token, inner]) => [
        ...leavesOf(inner, [...at, token]),
      ]),
    );
  }
  return new Map([[formatPointer(at), JSON.stringify(node)]]);
}

const token = fc.oneof(
  fc.constantFrom('a', 'b', 'id', 'data', 'items', '0', '*', '~/', '__proto__'),
  fc.string({ maxLength: 4 }),
);

const numberText = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }).map(String),
  fc.constantFrom('1.0', '-0', '1e3', '0.10', '1E-7', '9007199254740993'),
);

const { value: jsonText } = fc.letrec<{ value: string }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom('null', 'true', 'false'),
    fc.string({ unit: 'binary' }).map(text => JSON.stringify(text)),
    numberText,
    numberText.map(text => JSON.stringify(text)),
    fc
      .array(tie('value'), { maxLength: 4 })
      .map(items => `[${items.join(' , ')}]`),
    fc
      .uniqueArray(fc.tuple(token, tie('value')), {
        maxLength: 5,
        selector: ([name]) => name,
      })
      .map(
        members =>
          `{${members
            .map(([name, value]) => `${JSON.stringify(name)} :\n${value}`)
            .join(',')}}`,
      ),
  ),
}));

const eventText = fc
  .tuple(jsonText, jsonText)
  .map(([data, other]) => `{"id":"e","data":${data},"items":${other}}`);

const pointer = fc
  .array(token, { minLength: 1, maxLength: 4 })
  .map(tokens => formatPointer(tokens));

const operation: fc.Arbitrary<FixOperation> = fc.oneof(
  pointer.map(at => ({ op: 'set' as const, pointer: at, value: 'new' })),
  pointer.map(at => ({ op: 'remove' as const, pointer: at })),
  fc.record({
    op: fc.constant('cast' as const),
    pointer,
    to: fc.constantFrom('integer', 'number', 'string', 'boolean'),
  }),
  fc
    .tuple(pointer, pointer)
    .filter(texts => !texts.some(text => text.includes('*')))
    .map(([from, to]) => ({ op: 'rename' as const, pointer: from, to })),
);

describe('a fix', () => {
  it('of nothing gives back what was read, value for value, digit for digit', () => {
    fc.assert(
      fc.property(eventText, text => {
        const event = objectOf(text);
        expect(applyFix(event, [])).toBe(false);
        const again = parseJsonTree(writeJsonTree(event));
        expect(leavesOf(again ?? null)).toEqual(leavesOf(objectOf(text)));
        // Digits that a double loses are still there.
        for (const digits of text.match(/\d{16,}/g) ?? []) {
          expect(writeJsonTree(event)).toContain(digits);
        }
      }),
    );
  });

  it('touches no other path than those it names', () => {
    fc.assert(
      fc.property(eventText, operation, (text, change) => {
        const before = leavesOf(objectOf(text));
        const event = objectOf(text);
        const named =
          change.op === 'setType'
            ? ['/type']
            : [
                ...expandPointer(event, parsePointer(change.pointer) ?? []).map(
                  formatPointer,
                ),
                ...(change.op === 'rename' ? [change.to] : []),
              ];
        // What is behind a removed element of a list moves up: all of that list.
        const touched = named.map(place =>
          /\/\d+$/.test(place) && change.op !== 'set' && change.op !== 'cast'
            ? place.slice(0, place.lastIndexOf('/'))
            : place,
        );
        // An object that gets its first member, or loses its last, is one too.
        const parents = touched.map(place =>
          place.slice(0, place.lastIndexOf('/')),
        );
        const isTouched = (at: string) =>
          parents.includes(at) ||
          touched.some(place => at === place || at.startsWith(`${place}/`));

        const isChanged = applyFix(event, [change]);
        const after = leavesOf(event);
        const untouched = (leaves: Map<string, string>) =>
          [...leaves].filter(([at]) => !isChanged || !isTouched(at)).sort();
        expect(untouched(after)).toEqual(untouched(before));
        expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
      }),
      { numRuns: 1_000 },
    );
  });

  it('gives the same text each time it is applied', () => {
    fc.assert(
      fc.property(
        eventText,
        fc.array(operation, { maxLength: 5 }),
        (text, fix) => {
          expect(fixed(text, ...fix)).toBe(fixed(text, ...fix));
        },
      ),
    );
  });

  it.each<[string, string, FixOperation, string]>([
    [
      'sets what is not there',
      '{"data":{}}',
      { op: 'set', pointer: '/data/n', value: 1 },
      '{"data":{"n":1}}',
    ],
    [
      'sets in each element of a list',
      '{"data":{"items":[{},{"n":2}]}}',
      { op: 'set', pointer: '/data/items/*/n', value: 0 },
      '{"data":{"items":[{"n":0},{"n":0}]}}',
    ],
    [
      'makes no objects on the way',
      '{"data":{}}',
      { op: 'set', pointer: '/data/a/b', value: 1 },
      '{"data":{}}',
    ],
    [
      'makes no list longer',
      '{"data":[1]}',
      { op: 'set', pointer: '/data/1', value: 1 },
      '{"data":[1]}',
    ],
    [
      'removes each element of a list',
      '{"data":[1,2,3]}',
      { op: 'remove', pointer: '/data/*' },
      '{"data":[]}',
    ],
    [
      'removes a name that would change the prototype',
      '{"data":{"__proto__":1,"n":2}}',
      { op: 'remove', pointer: '/data/__proto__' },
      '{"data":{"n":2}}',
    ],
    [
      'renames within each element',
      '{"data":{"items":[{"cost":1},{"price":2,"cost":3}]}}',
      {
        op: 'rename',
        pointer: '/data/items/*/cost',
        to: '/data/items/*/price',
      },
      '{"data":{"items":[{"price":1},{"price":2,"cost":3}]}}',
    ],
    [
      'moves nothing into itself',
      '{"data":{"a":{}}}',
      { op: 'rename', pointer: '/data', to: '/data/a/b' },
      '{"data":{"a":{}}}',
    ],
    [
      'casts a text to an integer beyond a double, digit by digit',
      '{"data":{"n":"90071992547409931"}}',
      { op: 'cast', pointer: '/data/n', to: 'integer' },
      '{"data":{"n":90071992547409931}}',
    ],
    [
      'casts a number to the text it was written as',
      '{"data":{"n":1.50}}',
      { op: 'cast', pointer: '/data/n', to: 'string' },
      '{"data":{"n":"1.50"}}',
    ],
    [
      'does not guess at a number',
      '{"data":{"n":"007"}}',
      { op: 'cast', pointer: '/data/n', to: 'integer' },
      '{"data":{"n":"007"}}',
    ],
    [
      'casts to a boolean',
      '{"data":{"n":"false"}}',
      { op: 'cast', pointer: '/data/n', to: 'boolean' },
      '{"data":{"n":false}}',
    ],
    [
      'makes it another type',
      '{"type":"shop.order","data":{}}',
      { op: 'setType', eventType: 'shop.refund' },
      '{"type":"shop.refund","data":{}}',
    ],
  ])('%s', (_name, text, change, expected) => {
    expect(fixed(text, change)).toBe(expected);
  });

  it.each([
    '{"a":1,"a":2}',
    '{"a":{"b":1,"b":2}}',
    '{"a":1,"\\u0061":2}',
    '{"a":',
    `${'['.repeat(300)}${']'.repeat(300)}`,
    `${'['.repeat(30_000)}${']'.repeat(30_000)}`,
  ])('is not made for what readers do not agree on: %#', text => {
    expect(parseJsonTree(text)).toBeUndefined();
  });
});

import { type Schema, Type } from 'avsc';
import { parseEventSchema } from '@millrace/schema';
import { avroDigest, jsonSchemaDigest, parseSchemaText } from './schemaText';

const RUNS = 400;

/** Chance from a seed, so that a failure comes back. */
function chanceFrom(seed: number) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return {
    isTrue: (share: number) => next() < share,
    pick: <T>(items: readonly T[]): T =>
      items[Math.floor(next() * items.length)],
    shuffle: <T>(items: readonly T[]): T[] =>
      items
        .map(item => ({ item, at: next() }))
        .sort((a, b) => a.at - b.at)
        .map(({ item }) => item),
  };
}

type Chance = ReturnType<typeof chanceFrom>;

interface Node {
  kind: 'long' | 'string' | 'record' | 'array';
  isOptional: boolean;
  inner: Node[];
}

function randomNode(chance: Chance, depth: number): Node {
  const kind = chance.pick(
    depth < 3
      ? (['long', 'string', 'record', 'array'] as const)
      : (['long', 'string'] as const),
  );
  const inner =
    kind === 'record' || kind === 'array'
      ? Array.from(
          { length: kind === 'array' ? 1 : chance.pick([1, 2, 3]) },
          () => randomNode(chance, depth + 1),
        )
      : [];
  return { kind, isOptional: chance.isTrue(0.4), inner };
}

/** Writes the same event type down, each time in another way. */
function write(node: Node, path: string, chance: Chance): unknown {
  const bare = writeBare(node, path, chance);
  if (!node.isOptional) {
    return bare;
  }
  return chance.isTrue(0.5) ? ['null', bare] : [bare, 'null'];
}

function writeBare(node: Node, path: string, chance: Chance): unknown {
  switch (node.kind) {
    case 'record':
      return shuffled(
        {
          type: 'record',
          name: `r${path}`,
          ...(chance.isTrue(0.3) && { aliases: ['was'] }),
          fields: node.inner.map((each, index) => {
            const type = write(each, `${path}_${index}`, chance);
            const isNullFirst = Array.isArray(type) && type[0] === 'null';
            return shuffled(
              {
                name: `f${index}`,
                type,
                ...(isNullFirst && chance.isTrue(0.5) && { default: null }),
                ...(chance.isTrue(0.2) && { order: 'ignore' }),
              },
              chance,
            );
          }),
        },
        chance,
      );
    case 'array':
      return shuffled(
        { type: 'array', items: write(node.inner[0], `${path}_i`, chance) },
        chance,
      );
    default:
      return chance.isTrue(0.3) ? { type: node.kind } : node.kind;
  }
}

function shuffled(object: object, chance: Chance): object {
  return Object.fromEntries(chance.shuffle(Object.entries(object)));
}

function valueOf(node: Node, chance: Chance): unknown {
  if (node.isOptional && chance.isTrue(0.3)) {
    return null;
  }
  switch (node.kind) {
    case 'record':
      return Object.fromEntries(
        node.inner.map((each, index) => [`f${index}`, valueOf(each, chance)]),
      );
    case 'array':
      return [valueOf(node.inner[0], chance), valueOf(node.inner[0], chance)];
    case 'long':
      return chance.pick([0, -1, 2 ** 40]);
    default:
      return chance.pick(['', 'a', 'ü']);
  }
}

describe('digests of schemas', () => {
  it('are equal for texts of one event type exactly when they encode alike', () => {
    let equal = 0;
    let different = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      const chance = chanceFrom(seed);
      const root: Node = {
        ...randomNode(chance, 3),
        kind: 'record',
        isOptional: false,
        inner: [0, 1].map(() => randomNode(chance, 1)),
      };
      const [a, b] = [0, 1].map(
        () => JSON.parse(JSON.stringify(write(root, '', chance))) as Schema,
      );
      expect(parseEventSchema(a).avro).toEqual(parseEventSchema(b).avro);
      const isEqual =
        avroDigest(parseEventSchema(a), a) ===
        avroDigest(parseEventSchema(b), b);

      const [typeA, typeB] = [Type.forSchema(a), Type.forSchema(b)];
      const values = Array.from({ length: 12 }, () => valueOf(root, chance));
      const isAlike = values.every(value =>
        typeA.toBuffer(value).equals(typeB.toBuffer(value)),
      );
      // A union of which no value was met may hide a difference.
      expect(isEqual ? isAlike : true).toBe(true);
      equal += Number(isEqual);
      different += Number(!isEqual && !isAlike);
    }
    expect(equal).toBeGreaterThan(RUNS / 10);
    expect(different).toBeGreaterThan(RUNS / 10);
  });

  it('leave out white space and the order of keys of a JSON Schema, and nothing else', () => {
    const digest = (text: string) =>
      jsonSchemaDigest(parseSchemaText('JSON', text).document);
    const one = digest(
      '{"type":"object","properties":{"a":{"type":"string"}}}',
    );
    expect(
      digest('{ "properties": {"a": {"type":"string"} },\n "type": "object" }'),
    ).toBe(one);
    expect(
      digest(
        '{"type":"object","properties":{"a":{"type":"string","minLength":1}}}',
      ),
    ).not.toBe(one);
    expect(digest('{"a":[1,2]}')).not.toBe(digest('{"a":[2,1]}'));
  });
});

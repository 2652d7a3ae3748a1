import assert from 'node:assert/strict';
import test from 'node:test';
import { schema } from '../bed/rooms.mjs';
import {
  MAX_TYPES,
  OWNERS,
  breakingNext,
  compatibleNext,
  createEstate,
  nameOf,
} from './estate.mjs';

const { judgePrivacy, judgeSchema, parseEventSchema, summarizeFields } = schema;
const parse = avro => parseEventSchema(JSON.parse(JSON.stringify(avro)));
const estate = [...createEstate({ types: 120, versions: 10 })];

test('every version may follow all before it, and all of it can be registered', () => {
  for (const { schemas } of estate) {
    const versions = schemas.map(parse);
    const verdict = judgeSchema({
      previous: versions
        .slice(0, -1)
        .map((each, at) => ({ version: at + 1, schema: each })),
      next: versions.at(-1),
      mode: 'backward-transitive',
    });
    assert.equal(verdict.isCompatible, true);
    assert.deepEqual(judgePrivacy(versions.at(-1)), []);
    assert.equal(new Set(schemas.map(each => JSON.stringify(each))).size, 10);
  }
});

test('all of a large estate can be read', () => {
  let types = 0;
  for (const { schemas } of createEstate({ types: 2_000, versions: 10 })) {
    parse(schemas.at(-1));
    types += 1;
  }
  assert.equal(types, 2_000);
});

test('the schemas are as varied as real ones', () => {
  const fields = estate.map(({ schemas }) => schemas.at(-1).fields.length);
  assert.ok(Math.min(...fields) >= 8 && Math.max(...fields) <= 40);
  assert.ok(Math.max(...fields) - Math.min(...fields) > 20);
  const kinds = new Set(
    estate.flatMap(({ schemas }) =>
      summarizeFields(parse(schemas.at(-1))).map(({ type }) => type),
    ),
  );
  for (const kind of ['long', 'enum', 'record', 'timestamp', 'map<string>']) {
    assert.ok(kinds.has(kind), `${kind} is among ${[...kinds]}`);
  }
  assert.ok(kinds.has('array<record>') && kinds.has('array<string>'));
  assert.equal(new Set(estate.map(({ owner }) => owner)).size, OWNERS);
});

test('names are free however they are folded, and equal seeds give equal estates', () => {
  const names = Array.from({ length: MAX_TYPES }, (_, at) => nameOf(at));
  const folded = names.map(name => name.replaceAll(/[._-]/g, ''));
  assert.equal(new Set(folded).size, MAX_TYPES);
  assert.ok(MAX_TYPES >= 2_000);
  assert.deepEqual([...createEstate({ types: 120, versions: 10 })], estate);
  const [other] = createEstate({ types: 1, versions: 10, seed: 2 });
  assert.notDeepEqual(other.schemas, estate[0].schemas);
});

test('what is tried next is compatible, or is not', () => {
  for (const { schemas } of estate.slice(0, 20)) {
    const [newest] = schemas.slice(-1);
    const judge = next =>
      judgeSchema({
        previous: [{ version: 1, schema: parse(newest) }],
        next: parse(next),
        mode: 'backward',
      }).isCompatible;
    assert.equal(judge(compatibleNext(newest, 7)), true);
    assert.equal(judge(breakingNext(newest, 7)), false);
  }
});

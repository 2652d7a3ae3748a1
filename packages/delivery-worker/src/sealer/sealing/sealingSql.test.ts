import { createDuckdb, Duckdb } from '@millrace/lake';
import {
  DuckdbColumn,
  duckdbColumns,
  parseEventSchema,
} from '@millrace/schema';
import { NESTED_SCHEMA } from '../__testUtils__/schemas';
import { castSql, findBadColumnsSql } from './sealingSql';

let duckdb: Duckdb;
beforeAll(async () => {
  duckdb = await createDuckdb({ memoryLimit: '256MB', threads: 1 });
});
afterAll(() => duckdb.close());

const nested = duckdbColumns(parseEventSchema(NESTED_SCHEMA));
const columns = (...pairs: [name: string, type: string][]): DuckdbColumn[] =>
  pairs.map(([name, type]) => ({ name, type, required: false }));

async function cast(of: DuckdbColumn[], ...texts: string[]) {
  const results = [];
  for (const text of texts) {
    const [row] = await duckdb.rows(
      `SELECT ${castSql('data', of)} AS fields
       FROM (SELECT $1::JSON AS data)`,
      [text],
    );
    results.push(row.fields);
  }
  return results;
}

describe('the cast', () => {
  it('takes an absent, a null and an unknown key without complaint', async () => {
    const of = columns(['a', 'BIGINT'], ['s', 'STRUCT("x" BIGINT)[]']);
    expect(
      await cast(of, '{}', '{"a":null}', '{"a":1,"s":[{},{"x":2}],"?":3}'),
    ).toEqual([
      { a: null, s: null },
      { a: null, s: null },
      { a: 1, s: [{ x: null }, { x: 2 }] },
    ]);
  });

  it('refuses a value that does not cast, however deep, and only its own event', async () => {
    const of = columns(
      ['s', 'STRUCT("x" MAP(VARCHAR, TIMESTAMP WITH TIME ZONE[]))[]'],
      ['i', 'INTEGER'],
    );
    const [bad, good] = [
      '{"s":[{},{"x":{"k":["2026-01-10T12:00:00Z","soon"]}}]}',
      '{"s":[{"x":{"k":["2026-01-10T12:00:00Z"]}}],"i":1}',
    ];
    const rows = await duckdb.rows(
      `SELECT ${castSql('data', of)} IS NULL AS refused
       FROM (SELECT unnest([$1::JSON, $2::JSON, $3::JSON]) AS data)`,
      [good, bad, '{"i":2147483648}'],
    );
    expect(rows.map(row => row.refused)).toEqual([false, true, true]);
  });

  it('keeps the digits of numbers and the text of keys', async () => {
    const of = columns(
      ['a"b', 'BIGINT'],
      ['+1', 'DOUBLE'],
      ["it's $.x[0]", 'JSON'],
    );
    expect(
      await cast(
        of,
        `{"a\\"b":9223372036854775807,"+1":0.1,"it's $.x[0]":{"n":123456789012345678901234567890}}`,
      ),
    ).toEqual([
      {
        'a"b': '9223372036854775807',
        '+1': 0.1,
        "it's $.x[0]": '{"n":123456789012345678901234567890}',
      },
    ]);
  });
});

describe('findBadColumnsSql', () => {
  it('names the columns that do not cast', async () => {
    const text = JSON.stringify({
      text: 'x',
      big: 1,
      small: 'many',
      items: [{ sku: 's', seen_at: 'soon' }],
      '+1': 1,
    });
    expect(await duckdb.rows(findBadColumnsSql(nested), [text])).toEqual([
      { name: 'small' },
      { name: 'items' },
    ]);
  });
});

import fc from 'fast-check';
import { createDuckdb, Duckdb } from './createDuckdb';
import { quoteIdentifier, quoteLiteral } from './sql';

let duckdb: Duckdb;
beforeAll(async () => {
  duckdb = await createDuckdb({ memoryLimit: '256MB', threads: 1 });
});
afterAll(() => duckdb.close());

const value = async (sql: string) =>
  (await duckdb.rows(`SELECT ${sql} AS value`))[0].value;

describe('quoting', () => {
  it('gives back any text as literal and as name, and nothing else runs', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: 'grapheme', minLength: 1 }),
          fc.constantFrom(
            `'; DROP TABLE x; --`,
            `"; SELECT 1; --`,
            `\\'`,
            `$$`,
            `E'\\n'`,
            `+1`,
            '/*',
          ),
        ),
        async text => {
          fc.pre(!text.includes('\0'));
          const rows = await duckdb.rows(
            `SELECT ${quoteLiteral(text)} AS ${quoteIdentifier(text)}`,
          );
          expect(rows).toEqual([{ [text]: text }]);
        },
      ),
    );
  });

  it('refuses NUL', () => {
    expect(() => quoteLiteral('a\0b')).toThrow(TypeError);
    expect(() => quoteIdentifier('a\0b')).toThrow(TypeError);
  });
});

describe('createDuckdb', () => {
  it.each<[string, unknown]>([
    ['9007199254740991::BIGINT', 9007199254740991],
    ['9007199254740993::BIGINT', '9007199254740993'],
    ['-9007199254740993::BIGINT', '-9007199254740993'],
    [
      '170141183460469231731687303715884105727::HUGEINT',
      '170141183460469231731687303715884105727',
    ],
    [`'nan'::DOUBLE`, 'NaN'],
    [`'-inf'::DOUBLE`, '-Infinity'],
    ['NULL', null],
    [`'2026-11-21 13:00:00+02'::TIMESTAMPTZ`, '2026-11-21T11:00:00.000Z'],
    [
      `'2026-11-21T13:00:00.123456Z'::TIMESTAMPTZ`,
      '2026-11-21T13:00:00.123456Z',
    ],
    [
      `'1969-12-31T23:59:59.999999Z'::TIMESTAMPTZ`,
      '1969-12-31T23:59:59.999999Z',
    ],
    [`'infinity'::TIMESTAMPTZ`, 'infinity'],
    [`'1969-12-31'::DATE`, '1969-12-31'],
    [
      `'5f2d4c1a-1111-4111-8111-111111111111'::UUID`,
      '5f2d4c1a-1111-4111-8111-111111111111',
    ],
    [`'{"a": 1.50}'::JSON`, '{"a": 1.50}'],
    ['123.450::DECIMAL(9,3)', '123.450'],
    [
      `[{a: 1, b: [{c: 9007199254740993}]}]`,
      [{ a: 1, b: [{ c: '9007199254740993' }] }],
    ],
    [`MAP {'+1': 2, 'a.b': NULL}`, { '+1': 2, 'a.b': null }],
    [`MAP {1: true}`, { 1: true }],
  ])('gives %s as JSON', async (sql, expected) => {
    expect(await value(sql)).toEqual(expected);
  });

  it('keeps a map key called __proto__ as a key', async () => {
    const map = await value(`MAP {'__proto__': 'x'}`);
    expect(JSON.stringify(map)).toBe('{"__proto__":"x"}');
  });

  it('takes values as parameters', async () => {
    expect(
      await duckdb.rows('SELECT $1::VARCHAR AS a, $2::BIGINT AS b', [
        `x'; --`,
        5n,
      ]),
    ).toEqual([{ a: `x'; --`, b: 5 }]);
  });

  it('never reaches for an extension', async () => {
    await expect(
      duckdb.rows(`SELECT * FROM read_parquet('https://127.0.0.1:1/x')`),
    ).rejects.toThrow(/httpfs/);
    expect(
      await duckdb.rows(
        `SELECT extension_name AS name FROM duckdb_extensions()
         WHERE loaded AND install_mode <> 'STATICALLY_LINKED'`,
      ),
    ).toEqual([]);
  });

  it('gives each session its own temporary tables and one shared time zone', async () => {
    const one = await duckdb.session();
    const two = await duckdb.session();
    await one.run('CREATE TEMP TABLE t AS SELECT 1 AS a');
    await expect(two.rows('SELECT * FROM t')).rejects.toThrow(/does not exist/);
    expect(await two.rows(`SELECT current_setting('TimeZone') AS tz`)).toEqual([
      { tz: 'UTC' },
    ]);
    one.close();
    two.close();
  });

  it('streams a large result in pieces', async () => {
    let rows = 0;
    let pieces = 0;
    for await (const [column] of duckdb.columns('SELECT * FROM range(10000)')) {
      rows += column.length;
      pieces += 1;
    }
    expect(rows).toBe(10000);
    expect(pieces).toBeGreaterThan(1);
  });
});

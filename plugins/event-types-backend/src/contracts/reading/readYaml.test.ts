import { MAX_CONTRACT_BYTES, readYaml } from './readYaml';

const codesOf = (text: string) =>
  readYaml(text).findings.map(({ code, pointer, line }) => [
    code,
    pointer,
    line,
  ]);

describe('readYaml', () => {
  it('reads YAML and JSON, and tells on which line a value begins', () => {
    const text = 'a: 1\nb:\n  - x\n  - c/d: [1, 2]\n';
    const { value, findings, lineOf, sourceOf } = readYaml(text);
    expect(value).toEqual({ a: 1, b: ['x', { 'c/d': [1, 2] }] });
    expect(findings).toEqual([]);
    expect(lineOf('/a')).toBe(1);
    expect(lineOf('/b/1/c~1d/1')).toBe(4);
    // What is not there is told at what would hold it.
    expect(lineOf('/b/7/nothing')).toBe(3);
    expect(readYaml(JSON.stringify(value)).value).toEqual(value);
    expect(readYaml('version: 1.10').value).toEqual({ version: 1.1 });
    expect(sourceOf('/a')).toBe('1');
    expect(readYaml('version: 1.10').sourceOf('/version')).toBe('1.10');
  });

  it('tells the lines of all keys and items, without following aliases', () => {
    const text = 'a: &x\n  b/c: 1\nd:\n  - *x\n  -\n    e: 2\n';
    expect([...readYaml(text).lines()]).toEqual([
      ['/a', 1],
      ['/a/b~1c', 2],
      ['/d', 3],
      ['/d/0', 4],
      ['/d/1', 6],
      ['/d/1/e', 6],
    ]);
    expect(readYaml('a: [').lines().size).toBe(0);
  });

  it('reads within the limits it is given', () => {
    const limits = { what: 'A list', maxBytes: 20, maxDepth: 3, maxValues: 5 };
    const messagesOf = (text: string) =>
      readYaml(text, limits).findings.map(({ message }) => message);
    expect(messagesOf('[1, 2, 3, 4]')).toEqual([]);
    expect(messagesOf('[1, 2, 3, 4, 5]')).toEqual([
      'A list holds at most 5 values',
    ]);
    expect(messagesOf('[[[[[[[[1]]]]]]]]')).toEqual([
      'A list nests at most 3 levels',
    ]);
    expect(messagesOf('a: 12345678901234567890')).toEqual([
      'A list has at most 20 bytes',
    ]);
  });

  it('leaves dates, times and words as the texts they are', () => {
    const text =
      'a: 2024-01-31\nb: 2022-11-15T02:59:43+00:00\nc: 09:00-08:00\nd: yes\ne: 0777';
    expect(readYaml(text).value).toEqual({
      a: '2024-01-31',
      b: '2022-11-15T02:59:43+00:00',
      c: '09:00-08:00',
      d: 'yes',
      e: 777,
    });
  });

  it.each([
    ['a: [1, 2', [['invalid_yaml', '', 1]]],
    ['a: 1\na: 2', [['invalid_yaml', '', 2]]],
    ['a: 1\n---\nb: 2', [['invalid_yaml', '', 2]]],
    ['a: 1\n__proto__: { x: 1 }', [['forbidden_key', '/__proto__', 2]]],
    [
      'a:\n  - constructor: 1\n    prototype: 2',
      [
        ['forbidden_key', '/a/0/constructor', 2],
        ['forbidden_key', '/a/0/prototype', 3],
      ],
    ],
    ['{"a": {"__proto__": 1}}', [['forbidden_key', '/a/__proto__', 1]]],
    ['{"<<": {"a": 1}}', [['forbidden_key', '/<<', 1]]],
    ['x: 1\na: 12345678901234567890', [['not_json', '/a', 2]]],
    [
      'a: .inf\nb: .nan',
      [
        ['not_json', '/a', 1],
        ['not_json', '/b', 2],
      ],
    ],
  ])('refuses %j with its place', (text, expected) => {
    const read = readYaml(text);
    expect(codesOf(text)).toEqual(expected);
    expect(read.value).toBeUndefined();
  });

  it('never makes a prototype of a key', () => {
    readYaml('__proto__: { polluted: yes }\nconstructor: { prototype: {} }');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it.each([
    ['flow lists', '['.repeat(200_000)],
    ['flow maps', '{a: '.repeat(100_000)],
    ['compact lists', '- '.repeat(200_000)],
    ['explicit keys', '? '.repeat(200_000)],
    [
      'indented maps',
      Array.from({ length: 1000 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
    ],
    ['closed lists', `${'['.repeat(100)}${']'.repeat(100)}`],
  ])('refuses %s without end', (_name, text) => {
    expect(codesOf(text)).toEqual([['too_deep', '', undefined]]);
  });

  it('takes what is as deep as a contract can be', () => {
    const depth = 60;
    const { value } = readYaml(`${'['.repeat(depth)}1${']'.repeat(depth)}`);
    expect(JSON.stringify(value)).toHaveLength(2 * depth + 1);
  });

  it('refuses what unfolds without end, and unfolds what is small', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x, x]',
      ...Array.from(
        { length: 8 },
        (_, n) =>
          `${'bcdefghi'[n]}: &${'bcdefghi'[n]} [${Array(10)
            .fill(`*${'abcdefgh'[n]}`)
            .join(', ')}]`,
      ),
    ].join('\n');
    expect(codesOf(bomb)).toEqual([['too_many_aliases', '', undefined]]);
    expect(codesOf('a: &a [*a]')).toHaveLength(1);
    expect(
      readYaml('a: &a { x: 1 }\nb: *a\nc:\n  <<: *a\n  y: 2').value,
    ).toEqual({ a: { x: 1 }, b: { x: 1 }, c: { x: 1, y: 2 } });
  });

  it('reads a wide document in time that grows with its width alone', () => {
    const keys = (count: number) =>
      Array.from({ length: count }, (_, n) => `k${n}: 1`).join('\n');
    const secondsFor = (count: number) => {
      const text = keys(count);
      const start = process.hrtime.bigint();
      expect(readYaml(text).findings).toEqual([]);
      return Number(process.hrtime.bigint() - start) / 1e9;
    };
    secondsFor(1000);
    // Quadratic work would take 256 times as long, not about 16.
    expect(secondsFor(40_000) / secondsFor(2500)).toBeLessThan(100);
    expect(
      codesOf(`${keys(45_000)}\nk7: 2`).map(([code, , line]) => [code, line]),
    ).toEqual([['invalid_yaml', 45_001]]);
  });

  it('refuses what is too large', () => {
    for (const text of [
      `a: ${'x'.repeat(MAX_CONTRACT_BYTES)}`,
      `[${'1,'.repeat(60_000)}1]`,
    ]) {
      expect(codesOf(text)).toEqual([['too_large', '', undefined]]);
    }
  });
});

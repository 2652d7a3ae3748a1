import { parseFilter } from './filter';

describe('the filter language', () => {
  const attributes = { lang: 'en-GB', kind: 'push', 'iana.org/tag': 'x"y' };

  it.each([
    ['', true],
    ['attributes:lang', true],
    ['attributes:none', false],
    ['NOT attributes:none', true],
    ['-attributes:lang', false],
    ['attributes.kind = "push"', true],
    ['attributes.kind="pull"', false],
    ['attributes.kind != "pull"', true],
    ['attributes.none != "pull"', true],
    ['hasPrefix(attributes.lang, "en")', true],
    ['hasPrefix(attributes.none, "")', false],
    ['attributes."iana.org/tag" = "x\\"y"', true],
    ['attributes:"iana.org/tag"', true],
    ['attributes:lang AND attributes:none', false],
    ['attributes:lang OR attributes:none', true],
    ['attributes:none OR attributes:nil OR attributes:kind', true],
    ['(attributes:none OR attributes:kind) AND NOT attributes:nil', true],
    ['NOT (attributes:lang AND attributes:kind)', false],
    ['attributes:toString', false],
  ])('%s is %s', (filter, expected) => {
    expect(parseFilter(filter)(attributes)).toBe(expected);
  });

  it.each([
    'attributes',
    'attributes:',
    'attributes.kind',
    'attributes.kind = push',
    'attributes.kind == "push"',
    'attributes.kind = "push',
    'attributes:a AND attributes:b OR attributes:c',
    'attributes:a and attributes:b',
    '(attributes:a',
    'attributes:a)',
    'hasPrefix(attributes.a)',
    'data:a',
    'NOT',
    `attributes:${'a'.repeat(250)}`,
  ])('%s is refused', filter => {
    expect(() => parseFilter(filter)).toThrow(/filter/i);
  });
});

import { layoutJson } from './layoutJson';
import { markChanges, markPointer } from './markPointer';

const EVENT =
  '{"id":"e1","data":{"amount":12345678901234567890,"tags":["a","b"],"a/b":{},"none":[]}}';

function textOf(raw: string, pointer?: string): string {
  return markPointer(layoutJson(raw), pointer)
    .map(
      ({ depth, text, mark }) =>
        `${mark ? '>' : ' '}${'  '.repeat(depth)}${text}`,
    )
    .join('\n');
}

describe('the layout of an event', () => {
  it('keeps every value as it was sent', () => {
    expect(textOf(EVENT)).toBe(
      [
        ' {',
        '   "id": "e1",',
        '   "data": {',
        '     "amount": 12345678901234567890,',
        '     "tags": [',
        '       "a",',
        '       "b"',
        '     ],',
        '     "a/b": {},',
        '     "none": []',
        '   }',
        ' }',
      ].join('\n'),
    );
  });

  it.each([
    ['/data/tags/1', ['      "b"']],
    ['/data/a~1b', ['    "a/b": {},']],
    ['/data/tags', ['    "tags": [', '      "a",', '      "b"', '    ],']],
  ])('marks what %s points at', (pointer, expected) => {
    const marked = textOf(EVENT, pointer)
      .split('\n')
      .filter(line => line.startsWith('>'))
      .map(line => line.slice(1));
    expect(marked).toEqual(expected);
  });

  it('says where a field is missing', () => {
    expect(textOf('{"data":{"paid":true}}', '/data/amount')).toBe(
      [
        ' {',
        '   "data": {',
        '>    "amount" is missing here',
        '     "paid": true',
        '   }',
        ' }',
      ].join('\n'),
    );
    expect(textOf('{"id":"e1"}', '/data/amount/currency')).toContain(
      '>  "data" is missing here',
    );
  });

  it('marks each of two fields with one name', () => {
    expect(
      textOf('{"a":1,"a":2}', '/a')
        .split('\n')
        .filter(line => line.startsWith('>')),
    ).toHaveLength(2);
  });

  it('marks what a fix has changed, and not what holds it', () => {
    const before = layoutJson('{"id":"e1","data":{"amont":1,"paid":true}}');
    const after = layoutJson('{"id":"e1","data":{"paid":true,"amount":1}}');
    const changed = (lines: typeof before, other: typeof before) =>
      markChanges(lines, other)
        .filter(({ mark }) => mark === 'changed')
        .map(({ text }) => text);
    expect(changed(after, before)).toEqual(['"amount": 1']);
    expect(changed(before, after)).toEqual(['"amont": 1,']);
  });

  it.each([
    ['a cut text', '{"data":{"amount":12,"na'],
    ['a cut escape', '{"a":"\\'],
    ['no JSON', 'amount=12&paid=true'],
    ['too many brackets', ']}]'],
    ['nothing', ''],
    ['a text with brackets', '{"a":"{[,:]}"}'],
    ['values side by side', '[1 2 "x" {}]'],
  ])('shows all of %s', (_what, raw) => {
    const withoutSpaces = (text: string) => text.replaceAll(/\s/g, '');
    expect(
      withoutSpaces(
        layoutJson(raw)
          .map(({ text }) => text)
          .join(''),
      ),
    ).toBe(withoutSpaces(raw));
  });
});

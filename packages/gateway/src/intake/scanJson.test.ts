import fc from 'fast-check';
import { scanJson } from './scanJson';

function depthOf(value: unknown): number {
  return typeof value === 'object' && value !== null
    ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
    : 0;
}

/** Any JSON, written with any white space between its tokens. */
const spaced = fc
  .tuple(
    fc.array(fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' })),
    fc.constantFrom('', ' ', '\n\t', '\r\n  '),
  )
  .map(([values, space]) => ({
    values,
    json: JSON.stringify(values, undefined, space),
  }));

describe('scanJson', () => {
  it('finds every element of a list with its exact text and depth', () => {
    fc.assert(
      fc.property(spaced, ({ values, json }) => {
        const bytes = Buffer.from(json);
        const extents = scanJson(bytes);

        const texts = extents.map(({ start, end }) =>
          bytes.toString('utf8', start, end),
        );
        const parsed: unknown[] = JSON.parse(json);
        expect(texts.map(text => JSON.parse(text))).toEqual(parsed);
        expect(texts).toEqual(texts.map(text => text.trim()));
        expect(extents.map(({ depth }) => depth)).toEqual(values.map(depthOf));
      }),
      { numRuns: 500 },
    );
  });

  it('takes anything but a list as one element', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })),
        value => {
          const json = `  ${JSON.stringify(value)}\n`;
          expect(scanJson(Buffer.from(json))).toEqual([
            {
              start: 2,
              end: Buffer.byteLength(json) - 1,
              depth: depthOf(value),
            },
          ]);
        },
      ),
    );
  });
});

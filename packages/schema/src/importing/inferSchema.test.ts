import fc from 'fast-check';
import { arbitraryRecordSpec, dataOf } from '../__testUtils__/arbitraries';
import { unlessRefused } from '../__testUtils__/refusals';
import { summarizeFields } from '../mapping';
import { compileValidator } from '../validation';
import { inferSchema } from './inferSchema';

function fieldsOf(...samples: unknown[]) {
  return summarizeFields(inferSchema(samples, { name: 'shop.event' })).map(
    ({ path, type, required }) => [path, type, required],
  );
}

describe('inferSchema', () => {
  it('finds a schema that accepts every sample', () => {
    let inferred = 0;
    fc.assert(
      fc.property(
        arbitraryRecordSpec.chain(spec =>
          fc.array(dataOf(spec), { minLength: 1, maxLength: 4 }),
        ),
        samples => {
          // Refused: keys no column can be named after, from generated maps.
          const schema = unlessRefused(() =>
            inferSchema(samples, { name: 'shop.event' }),
          );
          inferred += schema ? 1 : 0;
          const validate = schema ? compileValidator(schema) : () => [];
          expect(samples.flatMap(validate)).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
    expect(inferred).toBeGreaterThan(75);
  });

  it('requires what is present and not null in all samples, at every level', () => {
    expect(
      fieldsOf(
        { id: 1, name: 'a', user: { login: 'x', site: null } },
        { id: 2, name: null, user: { login: 'y' } },
      ),
    ).toEqual([
      ['id', 'long', true],
      ['name', 'string', false],
      ['user', 'record', true],
      ['user.login', 'string', true],
      ['user.site', 'json', false],
    ]);
  });

  it('takes text for a timestamp or date only if all samples are one', () => {
    const now = '2026-11-21T13:00:00Z';
    expect(
      fieldsOf(
        { at: now, on: '2026-11-21', text: now },
        { at: now, on: '2026-01-01', text: 'now' },
      ),
    ).toEqual([
      ['at', 'timestamp', true],
      ['on', 'date', true],
      ['text', 'string', true],
    ]);
  });

  it('widens numbers, unites lists and gives up on conflicts', () => {
    expect(
      fieldsOf(
        { n: 1, big: 1e300, tags: [], mixed: 1, none: [] },
        { n: 1.5, big: 2, tags: ['a', null], mixed: 'x', none: [] },
      ),
    ).toEqual([
      ['n', 'double', true],
      ['big', 'double', true],
      ['tags', 'array<string>', true],
      ['mixed', 'json', true],
      ['none', 'array<json>', true],
    ]);
  });

  it('survives samples that nest without end', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 50_000; level += 1) {
      deep = [deep];
    }
    expect(fieldsOf({ deep })).toEqual([
      ['deep', `${'array<'.repeat(30)}json${'>'.repeat(30)}`, true],
    ]);
  });

  it.each([[[]], [[1]], [[null]], [[[]]]])('refuses %j as samples', samples => {
    expect(() => inferSchema(samples, { name: 'shop.event' })).toThrow(
      expect.objectContaining({ code: 'invalid_samples' }),
    );
  });
});

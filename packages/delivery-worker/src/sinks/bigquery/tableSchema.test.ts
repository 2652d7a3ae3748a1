import { mergeFields } from './tableSchema';

const field = (name: string, type: string, mode = 'NULLABLE') => ({
  name,
  type,
  mode,
});

describe('mergeFields', () => {
  it('keeps what the table has, in its order, and adds what is new, at any depth', () => {
    expect(
      mergeFields(
        [
          field('old', 'INTEGER'),
          { ...field('shop', 'STRUCT'), fields: [field('city', 'STRING')] },
        ],
        [
          {
            name: 'shop',
            type: 'RECORD',
            mode: 'NULLABLE',
            fields: [
              { name: 'zip', type: 'STRING', mode: 'NULLABLE' },
              { name: 'city', type: 'STRING', mode: 'NULLABLE' },
            ],
          },
          { name: 'n', type: 'INT64', mode: 'NULLABLE' },
        ],
      ),
    ).toEqual([
      field('old', 'INTEGER'),
      {
        ...field('shop', 'STRUCT'),
        fields: [field('city', 'STRING'), field('zip', 'STRING')],
      },
      field('n', 'INT64'),
    ]);
  });

  it.each([
    [field('n', 'STRING'), "'n' is STRING in BigQuery and has become INT64"],
    [field('N', 'INT64', 'REPEATED'), 'is INT64[] in BigQuery'],
  ])('refuses a column that is there as another: %#', (existing, words) => {
    expect(() =>
      mergeFields([existing], [{ name: 'n', type: 'INT64', mode: 'NULLABLE' }]),
    ).toThrow(words);
  });
});

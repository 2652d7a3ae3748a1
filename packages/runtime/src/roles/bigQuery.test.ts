import { readBigQuery } from './bigQuery';

const env = {
  MILLRACE_BIGQUERY_DATASET: 'my-project.events',
  MILLRACE_BIGQUERY_LOCATION: 'EU',
  MILLRACE_LAKE_ROOT: 'gs://my-lake',
};

describe('readBigQuery', () => {
  it('is off unless a data set is named', () => {
    expect(readBigQuery({})).toBeUndefined();
    expect(readBigQuery(env)).toEqual({
      projectId: 'my-project',
      dataset: 'events',
      location: 'EU',
    });
    expect(
      readBigQuery({ ...env, MILLRACE_BIGQUERY_DATASET: 'events' }),
    ).toEqual({ dataset: 'events', location: 'EU' });
  });

  it.each([
    [{ MILLRACE_BIGQUERY_DATASET: 'a.b.`c`' }, 'is not a data set'],
    [{ MILLRACE_BIGQUERY_LOCATION: '' }, 'MILLRACE_BIGQUERY_LOCATION'],
    [{ MILLRACE_LAKE_ROOT: '/lake' }, 'not in Cloud Storage'],
  ])('refuses %j', (change, words) => {
    expect(() => readBigQuery({ ...env, ...change })).toThrow(words);
  });
});

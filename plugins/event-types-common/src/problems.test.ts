import { declarationProblemsOf } from './problems';

const problem = { code: 'name_taken', pointer: '/name', message: 'Taken' };

describe('declarationProblemsOf', () => {
  it.each([
    ['the error itself', { problems: [problem] }],
    ['the cause of a ResponseError', { cause: { problems: [problem] } }],
    ['the body of a failed request', { error: { problems: [problem] } }],
  ])('finds the problems in %s', (_place, error) => {
    expect(declarationProblemsOf(error)).toEqual([problem]);
  });

  it.each([undefined, 'text', {}, { cause: { problems: 'many' } }])(
    'finds none in %j',
    error => {
      expect(declarationProblemsOf(error)).toEqual([]);
    },
  );

  it('leaves out what is no problem', () => {
    expect(
      declarationProblemsOf({ problems: [problem, 'text', { code: 1 }] }),
    ).toEqual([problem]);
  });
});

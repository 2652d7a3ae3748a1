import { textShapeOf } from './textShape';

describe('textShapeOf', () => {
  it.each([
    ['BIGINT', 'VARCHAR'],
    ['TIMESTAMP WITH TIME ZONE', 'VARCHAR'],
    ['VARCHAR', 'VARCHAR'],
    ['JSON', 'JSON'],
    ['DOUBLE[][]', 'VARCHAR[][]'],
    ['MAP(VARCHAR, BIGINT[])', 'MAP(VARCHAR, VARCHAR[])'],
    [
      'STRUCT("BIGINT" BIGINT, "a""b, c) INTEGER" DATE, "+1" JSON)[]',
      'STRUCT("BIGINT" VARCHAR, "a""b, c) INTEGER" VARCHAR, "+1" JSON)[]',
    ],
    [
      'STRUCT("m" MAP(VARCHAR, STRUCT("at" TIMESTAMP WITH TIME ZONE, "u" UUID[])))',
      'STRUCT("m" MAP(VARCHAR, STRUCT("at" VARCHAR, "u" VARCHAR[])))',
    ],
  ])('puts text at the leaves of %s', (type, shape) => {
    expect(textShapeOf(type)).toBe(shape);
  });

  it.each([
    '',
    'bigint',
    'STRUCT(a BIGINT)',
    'STRUCT("a" BIGINT',
    'STRUCT("a" BIGINT)); DROP TABLE x',
    'BIGINT; SELECT 1',
    'DECIMAL(9,3)',
  ])('refuses %j', type => {
    expect(() => textShapeOf(type)).toThrow(TypeError);
  });
});

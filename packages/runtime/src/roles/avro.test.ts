import { readAvro } from './avro';

describe('readAvro', () => {
  it('is off unless a place is named', () => {
    expect(readAvro({})).toBeUndefined();
    expect(readAvro({ MILLRACE_AVRO_ROOT: '/avro' })).toEqual({
      root: '/avro',
      eventTypes: undefined,
    });
    expect(
      readAvro({
        MILLRACE_AVRO_ROOT: 'gs://avro',
        MILLRACE_AVRO_EVENT_TYPES: 'shop.order, page.viewed,',
      }),
    ).toEqual({ root: 'gs://avro', eventTypes: ['shop.order', 'page.viewed'] });
  });

  it.each([
    [{ MILLRACE_LAKE_ROOT: '/avro' }, 'is the lake itself'],
    [{ MILLRACE_AVRO_EVENT_TYPES: '../etc' }, 'which is no event type'],
  ])('refuses %j', (change, words) => {
    expect(() => readAvro({ MILLRACE_AVRO_ROOT: '/avro', ...change })).toThrow(
      words,
    );
  });
});

import { parseEventSchema } from '../avro';
import { describeBreaks } from './describeBreaks';
import { judgeSchema } from './judgeSchema';

function schemaOf(...fields: object[]) {
  return parseEventSchema({ type: 'record', name: 'event', fields });
}

/** What breaks, to whoever relies on the version before. */
function breaksBackward(previous: object[], next: object[]) {
  return describeBreaks(
    judgeSchema({
      previous: [{ version: 1, schema: schemaOf(...previous) }],
      next: schemaOf(...next),
      mode: 'backward',
    }),
  );
}

describe('describeBreaks', () => {
  const enumOf = (...symbols: string[]) => ({
    type: 'enum',
    name: 'e',
    symbols,
  });
  const recordOf = (...fields: object[]) => ({
    type: 'record',
    name: 'inner',
    fields,
  });
  const a = { name: 'a', type: 'int' };

  it.each<[string, object[], object[], [string, string][]]>([
    ['nothing changed', [a], [a], []],
    ['optional field added', [], [{ name: 'a', type: ['null', 'int'] }], []],
    ['required field added', [], [a], [['required_field_added', '/data/a']]],
    ['field removed', [a], [], [['field_removed', '/data/a']]],
    ['became optional', [a], [{ name: 'a', type: ['null', 'int'] }], []],
    [
      'became required',
      [{ name: 'a', type: ['null', 'int'] }],
      [a],
      [['became_required', '/data/a']],
    ],
    ['int to long', [a], [{ name: 'a', type: 'long' }], []],
    [
      'long to int',
      [{ name: 'a', type: 'long' }],
      [a],
      [['field_type_narrowed', '/data/a']],
    ],
    [
      'float to double',
      [{ name: 'a', type: 'float' }],
      [{ name: 'a', type: 'double' }],
      [],
    ],
    [
      'int to double',
      [a],
      [{ name: 'a', type: 'double' }],
      [['field_type_changed', '/data/a']],
    ],
    [
      'symbol added',
      [{ name: 'a', type: enumOf('A') }],
      [{ name: 'a', type: enumOf('A', 'B') }],
      [],
    ],
    [
      'symbol removed',
      [{ name: 'a', type: enumOf('A', 'B') }],
      [{ name: 'a', type: enumOf('A') }],
      [['enum_symbols_removed', '/data/a']],
    ],
    [
      'enum to string',
      [{ name: 'a', type: enumOf('A') }],
      [{ name: 'a', type: 'string' }],
      [],
    ],
    [
      'Avro name changed, JSON name kept',
      [{ name: 'a', jsonName: '+1', type: 'int' }],
      [{ name: 'b', jsonName: '+1', type: 'int' }],
      [],
    ],
    [
      'change inside a list of records',
      [{ name: 'l', type: { type: 'array', items: recordOf(a) } }],
      [
        {
          name: 'l',
          type: {
            type: 'array',
            items: recordOf({ name: 'a', type: 'string' }),
          },
        },
      ],
      [['field_type_changed', '/data/l/*/a']],
    ],
    [
      'list items became required',
      [{ name: 'l', type: { type: 'array', items: ['null', 'int'] } }],
      [{ name: 'l', type: { type: 'array', items: 'int' } }],
      [['became_required', '/data/l/*']],
    ],
    [
      'first field of a record, which was stored as JSON until now',
      [{ name: 'r', type: recordOf() }],
      [{ name: 'r', type: recordOf({ name: 'a', type: ['null', 'int'] }) }],
      [['field_type_changed', '/data/r']],
    ],
  ])('%s', (_, previous, next, expected) => {
    expect(
      breaksBackward(previous, next).map(({ code, pointer }) => [
        code,
        pointer,
      ]),
    ).toEqual(expected);
  });

  it('says what breaks and what to do instead', () => {
    const optional = { name: 'b', type: ['null', 'string'] };
    expect(breaksBackward([a], [a, { ...optional, type: 'string' }])).toEqual([
      {
        code: 'required_field_added',
        pointer: '/data/b',
        message: 'Field b was added as required. Add it as optional',
      },
    ]);
    expect(breaksBackward([a], [a, optional])).toEqual([]);
  });
});

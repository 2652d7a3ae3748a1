import { parseEventSchema } from '../avro';
import { compileValidator } from '../validation';
import { diffSchemas } from './diffSchemas';
import { judgeSchema } from './judgeSchema';
import {
  COMPATIBILITY_MODES,
  CompatibilityMode,
  DEFAULT_COMPATIBILITY_MODE,
  isLoosening,
} from './modes';
import { uniteSchemas } from './uniteSchemas';

function schemaOf(...fields: object[]) {
  return parseEventSchema({ type: 'record', name: 'event', fields });
}

const id = { name: 'id', type: 'long' };
const note = { name: 'note', type: ['null', 'string'] };

function breaking(
  mode: CompatibilityMode,
  next: object[],
  ...earlier: object[][]
) {
  const { isCompatible, differences } = judgeSchema({
    previous: earlier.map((fields, index) => ({
      version: index + 1,
      schema: schemaOf(...fields),
    })),
    next: schemaOf(...next),
    mode,
  });
  const found = differences
    .filter(({ isBreaking }) => isBreaking)
    .map(({ code, path, version }) => `${version} ${code} ${path}`);
  return isCompatible === (found.length === 0) ? found : ['contradiction'];
}

describe('judgeSchema', () => {
  it.each<[CompatibilityMode, string[]]>([
    [
      'backward',
      [
        '1 field_removed id',
        '1 field_removed note',
        '1 required_field_added ref',
      ],
    ],
    ['forward', ['1 field_removed id', '1 enum_symbols_added kind']],
    [
      'full',
      [
        '1 field_removed id',
        '1 field_removed note',
        '1 enum_symbols_added kind',
        '1 required_field_added ref',
      ],
    ],
    ['none', []],
  ])('tells what breaks in mode %s and nothing else', (mode, expected) => {
    const kind = (...symbols: string[]) => ({
      name: 'kind',
      type: { type: 'enum', name: 'k', symbols },
    });
    const previous = [id, note, kind('A')];
    const next = [kind('A', 'B'), { name: 'ref', type: 'string' }];
    expect(breaking(mode, next, previous).sort()).toEqual(expected.sort());
  });

  it('looks at every earlier version only where the mode is transitive', () => {
    const first = [id, { name: 'a', type: ['null', 'int'] }];
    const second = [id];
    const third = [id, { name: 'a', type: ['null', 'string'] }];
    expect(breaking('forward', third, first, second)).toEqual([]);
    expect(breaking('forward-transitive', third, first, second)).toEqual([
      '1 field_type_changed a',
    ]);
  });

  it('tells a break once, against the newest version it breaks with', () => {
    expect(
      breaking('backward-transitive', [id], [id, note], [id, note]),
    ).toEqual(['2 field_removed note']);
  });

  it('takes anything as the first version', () => {
    for (const mode of COMPATIBILITY_MODES) {
      expect(breaking(mode, [id])).toEqual([]);
    }
  });

  it('says what was, what is, why it breaks and what to do instead', () => {
    const { differences } = judgeSchema({
      previous: [{ version: 3, schema: schemaOf(id) }],
      next: schemaOf({ name: 'id', type: 'string' }),
      mode: 'backward',
    });
    expect(differences).toEqual([
      {
        code: 'field_type_changed',
        pointer: '/data/id',
        path: 'id',
        old: 'long',
        new: 'string',
        breaks: ['column_type_changed'],
        message: 'The type of field id changed from long to string',
        version: 3,
        isBreaking: true,
        reason: 'Partitions of both versions would no longer read as one table',
        advice: expect.stringContaining('Add an optional field'),
      },
    ]);
  });

  it('points at fields whose names have to be escaped', () => {
    const odd = (type: string) =>
      schemaOf({
        name: 'l',
        type: {
          type: 'array',
          items: {
            type: 'record',
            name: 'r',
            fields: [{ name: 'x', jsonName: 'a/b~c', type }],
          },
        },
      });
    expect(diffSchemas(odd('int'), odd('long'))).toMatchObject([
      {
        code: 'field_type_widened',
        pointer: '/data/l/*/a~1b~0c',
        path: 'l[].a/b~c',
      },
    ]);
  });

  it('shows what changes nothing for events, and lets it pass in every mode', () => {
    const before = schemaOf(
      { name: 'id', type: 'long', doc: 'The id', unit: 'none', default: 1 },
      { name: 'mail', type: 'string' },
    );
    const after = schemaOf(
      { name: 'key', jsonName: 'id', type: 'long', doc: 'Its id', default: 2 },
      { name: 'mail', type: 'string', semanticType: 'person.email' },
    );
    const differences = diffSchemas(before, after);
    expect(
      differences.map(({ code, old, new: now }) => [code, old, now]),
    ).toEqual([
      ['documentation_changed', 'The id', 'Its id'],
      ['avro_name_changed', 'id', 'key'],
      ['default_changed', '1', '2'],
      ['annotation_changed', 'none', undefined],
      ['semantic_type_changed', undefined, 'person.email'],
    ]);
    expect(differences.flatMap(({ breaks }) => breaks)).toEqual([]);
    const renamed = parseEventSchema({ ...before.avro, name: 'other' });
    expect(diffSchemas(before, renamed)).toMatchObject([
      { code: 'definition_changed', path: '' },
    ]);
    expect(diffSchemas(before, before)).toEqual([]);
    const [first, second] = [
      { name: 'a', type: 'int', x: 1, y: 2 },
      { y: 2, x: 1, type: 'int', name: 'a' },
    ];
    expect(diffSchemas(schemaOf(first), schemaOf(second))).toEqual([]);
  });

  it('ends for records nested as deep and as wide as a schema may be', () => {
    let deep: unknown = 'int';
    for (let level = 0; level < 15; level++) {
      deep = {
        type: 'array',
        items: {
          type: 'record',
          name: `r${level}`,
          fields: [{ name: 'f', type: deep }],
        },
      };
    }
    const wide = Array.from({ length: 1900 }, (_, at) => ({
      name: `f${at}`,
      type: ['null', 'long'],
    }));
    const schema = (type: string) =>
      schemaOf({ name: 'deep', type: deep }, ...wide, { name: 'last', type });
    expect(diffSchemas(schema('int'), schema('long'))).toHaveLength(1);
  });
});

describe('isLoosening', () => {
  it('is giving up a direction, or the earlier versions', () => {
    const looser = COMPATIBILITY_MODES.filter(mode =>
      isLoosening(DEFAULT_COMPATIBILITY_MODE, mode),
    );
    expect(looser).toEqual([
      'backward',
      'forward',
      'forward-transitive',
      'full',
      'none',
    ]);
    expect(
      COMPATIBILITY_MODES.filter(mode => isLoosening('none', mode)),
    ).toEqual([]);
    expect(isLoosening('full', 'full-transitive')).toBe(false);
  });
});

describe('uniteSchemas', () => {
  it('keeps a column for what a newer version has dropped', () => {
    const older = schemaOf(id, { name: 'gone', type: 'string' });
    const newer = schemaOf(id, note);
    const united = uniteSchemas([newer, older]);
    expect(compileValidator(united)({ id: 1, gone: 'text' })).toEqual([]);
    expect(compileValidator(united)({ id: 1, note: 'text' })).toEqual([]);
    expect(compileValidator(united)({ note: 'text' })).not.toEqual([]);
  });

  it('is the newest version itself when that takes everything', () => {
    const newer = schemaOf(id, note);
    expect(uniteSchemas([newer, schemaOf(id), schemaOf(id)])).toBe(newer);
  });

  it('refuses versions whose columns differ only in case', () => {
    expect(() =>
      uniteSchemas([
        schemaOf(id, note),
        schemaOf(id, { ...note, name: 'Note' }),
      ]),
    ).toThrow(/differs only in case/);
  });
});

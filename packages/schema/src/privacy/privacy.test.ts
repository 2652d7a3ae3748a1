import { parseEventSchema } from '../avro';
import {
  decideFields,
  findPersonalFields,
  judgePrivacy,
  keepAnnotations,
} from '.';
import { SEMANTIC_TYPES } from './semanticTypes';
import { tokensOf } from './tokens';

function schemaOf(...fields: object[]) {
  return parseEventSchema({ type: 'record', name: 'event', fields });
}

const address = {
  type: 'record',
  name: 'address',
  fields: [
    { name: 'street', type: 'string' },
    { name: 'city', type: ['null', 'string'] },
  ],
};

const found = (...fields: object[]) =>
  findPersonalFields(schemaOf(...fields)).map(
    ({ path, semanticType, confidence }) =>
      `${path} ${semanticType} ${confidence}`,
  );

const problemsOf = (...args: Parameters<typeof judgePrivacy>) =>
  judgePrivacy(...args).map(({ code, pointer }) => `${code} ${pointer}`);

describe('words of a name', () => {
  it.each([
    ['customerEMail', 'customer e mail'],
    ['CUSTOMER_E_MAIL', 'customer e mail'],
    ['emailAddresses', 'email address'],
    ['e-mail-hash', 'e mail'],
    ['Prénom', 'first name'],
    ['Straße', 'street'],
    ['phone2', 'phone2'],
    ['phone_2', 'phone'],
    ['anonymousId', 'anonymous id'],
    ['status', 'status'],
    ['+1', '1'],
    ['', ''],
  ])('of %s are %s', (name, words) => {
    expect(tokensOf(name).join(' ')).toBe(words);
  });

  it('of a name of any length are few', () => {
    expect(tokensOf('email_'.repeat(10_000)).length).toBeLessThan(50);
  });
});

describe('findPersonalFields', () => {
  it('looks into records, lists, maps and lists of records', () => {
    expect(
      found(
        { name: 'emails', type: { type: 'array', items: 'string' } },
        { name: 'phones', type: { type: 'map', values: 'string' } },
        { name: 'shipping', type: ['null', address] },
        {
          name: 'buyers',
          type: {
            type: 'array',
            items: {
              type: 'record',
              name: 'buyer',
              fields: [{ name: 'id', type: 'long' }],
            },
          },
        },
      ),
    ).toEqual([
      'emails email certain',
      'phones phone likely',
      'shipping.street postal-address likely',
      'shipping.city postal-address likely',
      'buyers[].id person-id likely',
    ]);
  });

  it('takes what the type says into account', () => {
    expect(
      found(
        { name: 'email', type: 'boolean' },
        { name: 'phone', type: 'double' },
        { name: 'birthday', type: { type: 'int', logicalType: 'date' } },
        { name: 'gender', type: { type: 'enum', name: 'g', symbols: ['A'] } },
        { name: 'latitude', type: 'long' },
      ),
    ).toEqual(['birthday birth-date certain', 'gender sensitive likely']);
  });

  it('lets a personal annotation speak for everything inside, and none for itself only', () => {
    expect(
      found({ name: 'home', type: address, semanticType: 'postal-address' }),
    ).toEqual([]);
    expect(
      found({ name: 'home', type: address, semanticType: 'none' }),
    ).toHaveLength(2);
    // Referred to from a second place that nobody decided.
    expect(
      found(
        { name: 'home', type: address, semanticType: 'postal-address' },
        { name: 'work', type: 'address' },
      ),
    ).toHaveLength(2);
    expect(
      found({ name: 'email', type: 'string', semanticType: 'none' }),
    ).toEqual([]);
  });

  it('says where a field is, in the schema and in the event', () => {
    const [finding] = findPersonalFields(
      schemaOf(
        { name: 'n', type: 'int' },
        {
          name: 'users',
          type: {
            type: 'array',
            items: [
              'null',
              {
                type: 'record',
                name: 'user',
                fields: [{ name: 'mail', jsonName: 'e/mail', type: 'string' }],
              },
            ],
          },
        },
      ),
    );
    expect(finding).toMatchObject({
      pointer: '/fields/1/type/items/1/fields/0',
      path: 'users[].e/mail',
    });
  });

  describe('with samples', () => {
    const judge = (name: string, ...values: string[]) =>
      findPersonalFields(schemaOf({ name, type: 'string' }), {
        samples: values.map(value => ({ [name]: value })),
      }).map(({ semanticType, confidence }) => `${semanticType} ${confidence}`);

    it.each<[string, string[]]>([
      ['email likely', ['someone@example.org', 'another@mail.example.org']],
      ['ip-address likely', ['203.0.113.7', '198.51.100.23', '2001:db8::1']],
      ['phone likely', ['+49 30 901820', '+44 (0)20 7946-0018']],
      ['payment likely', ['4242 4242 4242 4242', 'DE89370400440532013000']],
      ['secret likely', ['ghp_0123456789abcdef0123', 'xoxb-0123456789012345']],
      [
        'free-text possible',
        [
          'The parcel was left at the wrong door',
          'Please call before you come again',
          'I would like to have my money back',
        ],
      ],
    ])('sees %s in a field whose name says nothing', (verdict, values) => {
      expect(judge('x', ...values)).toEqual([verdict]);
    });

    it.each([
      ['versions', ['1.2.0.1', '1.10.0.0']],
      ['times', ['12:30:10', '08:00:00']],
      [
        'instants in nanoseconds',
        ['1732201205123456789', '1732201205123456780'],
      ],
      ['hashes', ['9e107d9d372bb6826bd81d3542a419d6']],
      ['paths', ['/a/b@c', 'a@b']],
      ['codes', ['AB-12', 'DE12', '+1']],
    ])('sees nothing in %s', (_what, values) => {
      expect(judge('x', ...values)).toEqual([]);
    });

    it('is certain when name and values agree, and lets values speak against a name', () => {
      const mails = ['a@b.example', 'c@d.example', 'e@f.example'];
      expect(judge('mail', ...mails)).toEqual(['email certain']);
      expect(judge('mail', 'sent', 'failed', 'queued')).toEqual([
        'email possible',
      ]);
    });

    it('repeats no value', () => {
      const text = JSON.stringify(
        findPersonalFields(schemaOf({ name: 'x', type: 'string' }), {
          samples: [{ x: 'someone@example.org' }],
        }),
      );
      expect(text).toContain('1 of 1 sample values');
      expect(text).not.toContain('someone');
    });

    it('is not slowed down by values made to slow it down', () => {
      const value = `${'a@'.repeat(50_000)}${'1.'.repeat(50_000)}`;
      expect(judge('x', value, `+${'1 '.repeat(100_000)}`)).toEqual([]);
    });
  });
});

describe('judgePrivacy', () => {
  const email = { name: 'email', type: 'string' };

  it('refuses what is certain or likely and not decided, with a suggestion', () => {
    expect(judgePrivacy(schemaOf(email))).toEqual([
      {
        code: 'undecided_personal_field',
        pointer: '/fields/0',
        path: 'email',
        message: expect.stringContaining("'none' when it does not"),
        suggestion: {
          semanticType: 'email',
          confidence: 'certain',
          reason: "'email' in its name",
        },
      },
    ]);
    expect(problemsOf(schemaOf({ ...email, semanticType: 'none' }))).toEqual(
      [],
    );
    expect(problemsOf(schemaOf({ name: 'message', type: 'string' }))).toEqual(
      [],
    );
  });

  it('knows the words of the closed list and no others', () => {
    for (const { id } of SEMANTIC_TYPES) {
      expect(problemsOf(schemaOf({ ...email, semanticType: id }))).toEqual([]);
    }
    const [problem] = judgePrivacy(
      schemaOf({ ...email, semanticType: 'person.email' }),
    );
    expect(problem).toMatchObject({
      code: 'unknown_semantic_type',
      pointer: '/fields/0/semanticType',
      suggestion: { semanticType: 'email' },
    });
    expect(
      problemsOf(schemaOf({ ...email, semanticType: 'constructor' })),
    ).toEqual(['unknown_semantic_type /fields/0/semanticType']);
  });

  it('leaves what is in force alone, and judges what is new or changed', () => {
    const before = schemaOf(email, {
      name: 'who',
      type: 'string',
      semanticType: 'person.id',
    });
    expect(problemsOf(before, { before })).toEqual([]);
    expect(
      problemsOf(
        schemaOf(
          email,
          { name: 'who', type: 'string', semanticType: 'person.ids' },
          { name: 'phone', type: ['null', 'string'] },
        ),
        { before },
      ),
    ).toEqual([
      'unknown_semantic_type /fields/1/semanticType',
      'undecided_personal_field /fields/2',
    ]);
    // A decision may not be taken back.
    const decided = schemaOf({ ...email, semanticType: 'email' });
    expect(problemsOf(schemaOf(email), { before: decided })).toEqual([
      'undecided_personal_field /fields/0',
    ]);
  });
});

describe('decideFields', () => {
  it('writes decisions where they are missing, and leaves the others', () => {
    const schema = schemaOf(
      { name: 'email', type: 'string' },
      { name: 'phone', type: 'string', semanticType: 'none' },
      { name: 'home', type: address },
    );
    const decided = decideFields(schema, ({ semanticType }) => semanticType);
    expect(judgePrivacy(decided)).toEqual([]);
    expect(decided.avro.fields.map(field => field.semanticType)).toEqual([
      'email',
      'none',
      undefined,
    ]);
  });
});

describe('keepAnnotations', () => {
  it('keeps what was said of the fields that are still there, unless something else is said', () => {
    const earlier = schemaOf(
      {
        name: 'email',
        type: 'string',
        semanticType: 'email',
        doc: 'Of a buyer',
      },
      { name: 'gone', type: 'string', semanticType: 'phone' },
      { name: 'phone', type: 'string', semanticType: 'none' },
      {
        name: 'homes',
        type: { type: 'array', items: address },
        semanticType: 'address',
      },
    );
    const next = schemaOf(
      { name: 'homes', type: { type: 'array', items: address } },
      { name: 'email', type: ['null', 'string'] },
      { name: 'phone', type: 'string', semanticType: 'phone' },
      { name: 'more', type: 'long' },
    );
    const { fields } = keepAnnotations(next, earlier).avro;
    expect(
      fields.map(({ name, semanticType, doc }) => [name, semanticType, doc]),
    ).toEqual([
      ['homes', 'address', undefined],
      ['email', 'email', 'Of a buyer'],
      ['phone', 'phone', undefined],
      ['more', undefined, undefined],
    ]);
    expect(fields.map(({ type }) => type)).toEqual(
      next.avro.fields.map(({ type }) => type),
    );
    expect(next.avro.fields[1].semanticType).toBeUndefined();
  });
});

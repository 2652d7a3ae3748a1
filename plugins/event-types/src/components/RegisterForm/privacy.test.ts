import type { EventTypePreview } from '@millrace/plugin-event-types-common';
import { type Draft, newDraft, newFieldRow } from './draft';
import { decide, decidedPreview, fieldDecisions } from './privacy';

const PERSONAL = new Set(['email', 'name', 'person-id']);

const finding = (pointer: string, path: string, confidence = 'likely') => ({
  pointer,
  path,
  semanticType: 'email',
  confidence: confidence as 'likely' | 'possible',
  reason: 'its name says so',
});

/** An order with a buyer inside, lists, a map, and names that are hostile. */
const preview: EventTypePreview = {
  schema: {
    type: 'record',
    name: 'order',
    fields: [
      { name: 'id', type: 'string' },
      {
        name: 'buyer',
        type: [
          'null',
          {
            type: 'record',
            name: 'Buyer',
            fields: [
              { name: 'mails', type: { type: 'array', items: 'string' } },
              { name: 'note', jsonName: 'no-te', type: 'string' },
            ],
          },
        ],
      },
      {
        name: 'lines',
        type: {
          type: 'array',
          items: {
            type: 'record',
            name: 'Line',
            fields: [{ name: 'constructor', type: 'string' }],
          },
        },
      },
    ],
  },
  fields: [
    { path: 'id', type: 'string', required: true },
    { path: 'buyer', type: 'record', required: false },
    { path: 'buyer.mails', type: 'array<string>', required: true },
    { path: 'buyer.no-te', type: 'string', required: true },
    { path: 'lines', type: 'array<record>', required: true },
    { path: 'lines[].constructor', type: 'string', required: true },
  ],
  problems: [],
  privacy: [
    finding('/fields/1/type/1/fields/1', 'buyer.no-te', 'possible'),
    finding('/fields/1/type/1/fields/0', 'buyer.mails'),
  ],
};
const draft: Draft = { ...newDraft(), source: 'schema' };
const list = (of = draft) =>
  fieldDecisions(of, preview, PERSONAL).map(
    ({ path, isOpen, isCovered, semanticType }) =>
      [path, isOpen && 'open', isCovered && 'covered', semanticType]
        .filter(Boolean)
        .join(' '),
  );
const fieldAt = (path: string, of = draft) =>
  fieldDecisions(of, preview, PERSONAL).find(field => field.path === path)!;

describe('decisions about fields', () => {
  it('list every field, those to decide first, then those worth a look', () => {
    expect(list()).toEqual([
      'buyer.mails open',
      'buyer.no-te',
      'id',
      'buyer',
      'lines',
      'lines[].constructor',
    ]);
    expect(fieldAt('lines[].constructor')).toMatchObject({
      pointer: '/fields/2/type/items/fields/0',
      type: 'string',
    });
  });

  it('stay in their place once taken, and can be taken back', () => {
    const decided = {
      ...draft,
      ...decide(draft, new Map([[fieldAt('buyer.mails'), 'none']])),
    };
    expect(list(decided)[0]).toBe('buyer.mails none');
    const undone = {
      ...decided,
      ...decide(decided, new Map([[fieldAt('buyer.mails'), undefined]])),
    };
    expect(list(undone)).toEqual(list());
  });

  it('of what is around a field speak for it only when they are personal', () => {
    const about = (semanticType: string) => ({
      ...draft,
      ...decide(draft, new Map([[fieldAt('buyer'), semanticType]])),
    });
    expect(list(about('person-id'))).toContain('buyer.mails covered');
    expect(list(about('none'))).toContain('buyer.mails open');
  });

  it('are written into the schema where the field is, whatever it is called', () => {
    const decided = {
      ...draft,
      ...decide(
        draft,
        new Map([
          [fieldAt('lines[].constructor'), 'name'],
          [fieldAt('buyer.no-te'), 'email'],
        ]),
      ),
    };
    const { schema, fields } = decidedPreview(decided, preview);
    expect(JSON.stringify(schema)).toContain(
      '{"name":"constructor","type":"string","semanticType":"name"}',
    );
    expect(JSON.stringify(schema)).toContain(
      '{"name":"note","jsonName":"no-te","type":"string","semanticType":"email"}',
    );
    expect(
      fields.filter(({ semanticType }) => semanticType).map(({ path }) => path),
    ).toEqual(['buyer.no-te', 'lines[].constructor']);
    // What was previewed stays as it was.
    expect(JSON.stringify(preview)).not.toContain('"semanticType":"name"');
  });

  it('of the list of fields are kept in their rows', () => {
    const rows = {
      ...newDraft(),
      fields: [
        { ...newFieldRow(), name: 'id' },
        { ...newFieldRow(), name: 'mail' },
      ],
    };
    const flat: EventTypePreview = {
      schema: {
        type: 'record',
        fields: [
          { name: 'id', type: 'string' },
          { name: 'mail', type: 'string' },
        ],
      },
      fields: [],
      problems: [],
      privacy: [finding('/fields/1', 'mail')],
    };
    const [open] = fieldDecisions(rows, flat, PERSONAL);
    const { fields, decisions } = decide(rows, new Map([[open, 'email']]));
    expect(fields?.map(({ semanticType }) => semanticType)).toEqual([
      undefined,
      'email',
    ]);
    expect(decisions).toEqual({});
  });

  it('are none while there is no schema', () => {
    expect(fieldDecisions(draft, undefined, PERSONAL)).toEqual([]);
  });
});

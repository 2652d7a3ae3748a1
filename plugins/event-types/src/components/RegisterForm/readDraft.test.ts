import { newDraft, newFieldRow } from './draft';
import { readDraft, toContent } from './readDraft';

const withoutKeys = (draft: object) =>
  JSON.parse(
    JSON.stringify(draft, (key, value) => (key === 'key' ? undefined : value)),
  );

describe('readDraft', () => {
  it('gives back what was kept', () => {
    const draft = {
      ...newDraft(),
      name: 'shop.paid',
      owner: 'group:default/webhooks',
      tier: 'critical' as const,
      source: 'samples' as const,
      fields: [{ ...newFieldRow(), name: 'id', semanticType: 'none' }],
      samplesText: '{"id": "\u0000"}',
      decisions: { constructor: 'none', ['__proto__']: 'email' },
      eventsPerDay: '1,000',
    };
    const kept = JSON.parse(JSON.stringify(toContent(draft)));
    expect(JSON.stringify(kept)).not.toContain('"key"');
    const read = readDraft(kept);
    expect(withoutKeys(read)).toEqual(withoutKeys(draft));
    expect(Object.entries(read.decisions)).toEqual([
      ['constructor', 'none'],
      ['__proto__', 'email'],
    ]);
  });

  it.each([
    undefined,
    null,
    [],
    'text',
    {},
    { name: 1, fields: 'x', decisions: [1], tier: 'urgent', source: 'none' },
    { fields: [null, 7, []] },
  ])('makes an empty draft of %p', content => {
    expect(withoutKeys(readDraft(content))).toEqual(withoutKeys(newDraft()));
  });

  it('keeps of a row what it knows', () => {
    const [row] = readDraft({
      fields: [{ name: 'id', type: 'tensor', required: 'yes', doc: 'An id' }],
    }).fields;
    expect(row).toMatchObject({
      name: 'id',
      type: 'string',
      required: true,
      doc: 'An id',
    });
  });
});

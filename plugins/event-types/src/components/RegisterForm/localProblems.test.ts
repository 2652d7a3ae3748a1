import type { EventType } from '@millrace/plugin-event-types-common';
import { OPTIONS } from './__testUtils__/backend';
import { detailChanges, draftOf, rebase } from './detailChanges';
import { type Draft, countOf, newDraft, parseSource } from './draft';
import { placeName, placed, stepOf } from './guideSteps';
import { detailProblems, localProblems } from './localProblems';

const GOOD: Draft = {
  ...newDraft(),
  name: 'shop.paid',
  description: 'An order was paid.',
  owner: 'group:default/webhooks',
};
const found = (part: Partial<Draft>) =>
  detailProblems({ ...GOOD, ...part }, { options: OPTIONS }).map(
    ({ pointer }) => pointer,
  );

describe('what can be said without the backend', () => {
  it('finds nothing in a good declaration', () => {
    expect(found({})).toEqual([]);
    expect(found({ tags: 'orders, check-out c++ c#' })).toEqual([]);
    expect(found({ eventsPerDay: '1 000 000' })).toEqual([]);
  });

  it.each<[Partial<Draft>, string]>([
    [{ name: '' }, '/name'],
    [{ name: 'Shop' }, '/name'],
    [{ description: '  ' }, '/description'],
    [{ description: 'x'.repeat(4001) }, '/description'],
    [{ owner: undefined }, '/owner'],
    [{ tags: 'Orders' }, '/tags'],
    [{ tags: 'a- b' }, '/tags'],
    [{ tags: 'a a' }, '/tags'],
    [
      { tags: Array.from({ length: 21 }, (_, i) => `t${i}`).join(' ') },
      '/tags',
    ],
    [{ eventsPerDay: '0' }, '/expectedEventsPerDay'],
    [{ eventsPerDay: '-5' }, '/expectedEventsPerDay'],
    [{ eventsPerDay: '1.5' }, '/expectedEventsPerDay'],
    [{ eventsPerDay: 'many' }, '/expectedEventsPerDay'],
    [{ eventsPerDay: '1e12' }, '/expectedEventsPerDay'],
    [{ eventsPerDay: '1000000000001' }, '/expectedEventsPerDay'],
  ])('finds %p wrong at %s', (part, pointer) => {
    expect(found(part)).toEqual([pointer]);
  });

  it('believes an availability only of the name it is about', () => {
    const problems = [
      { code: 'name_taken', pointer: '/name', message: 'Taken' },
    ];
    const about = (name: string) =>
      detailProblems(GOOD, {
        availability: { name, status: 'taken', problems, similar: [] },
      });
    expect(about('shop.paid')).toEqual(problems);
    expect(about('shop.pai')).toEqual([]);
  });

  it('leads each problem to the step where it is put right', () => {
    const draft: Draft = { ...GOOD, source: 'samples', samplesText: '{' };
    const problems = localProblems(draft, {
      source: parseSource(draft),
      decisions: [
        {
          path: 'email',
          pointer: '/fields/0',
          type: 'string',
          isCovered: false,
          isOpen: true,
        },
      ],
    });
    expect(problems.map(stepOf)).toEqual(['schema', 'privacy']);
    const at = (pointer: string, code = 'invalid_value') => ({
      code,
      pointer,
      message: '',
    });
    expect(
      ['/name', '/tags', '/retention', '/fields/2/name', '/data/id', ''].map(
        pointer => `${stepOf(at(pointer))}: ${placeName(at(pointer))}`,
      ),
    ).toEqual([
      'what: name',
      'what: tags',
      'keeping: retention class',
      'schema: field 3',
      'schema: schema',
      'what: the declaration',
    ]);
    // Wherever the record was in the body, its fields are marked the same.
    expect(
      ['/schema/fields/1', '/fields/1'].map(
        pointer => placed(at(pointer, 'undecided_personal_field')).pointer,
      ),
    ).toEqual(['/fields/1', '/fields/1']);
    expect(placed(at('/schema/fields/1')).pointer).toBe('/schema/fields/1');
  });

  it('reads counts as people write them', () => {
    expect(
      ['20,000', "20'000", '20 000', '20_000', '007'].map(countOf),
    ).toEqual([20_000, 20_000, 20_000, 20_000, 7]);
    expect(['', '1.5', '1e3', '0x10', '-1'].map(countOf)).toEqual(
      Array(5).fill(NaN),
    );
  });
});

describe('changes of what is in force', () => {
  const inForce = {
    name: 'shop.paid',
    description: 'An order was paid.',
    owner: 'group:default/webhooks',
    tier: 'normal',
    expectedEventsPerDay: 5000,
  } as EventType;

  it('are told in words, and only where there are any', () => {
    const draft = draftOf(inForce);
    expect(detailChanges(inForce, draft)).toEqual([]);
    expect(
      detailChanges(inForce, { ...draft, eventsPerDay: '5,000', tags: ' ' }),
    ).toEqual([]);
    expect(
      detailChanges(inForce, { ...draft, eventsPerDay: '', tier: 'low' }),
    ).toEqual([
      { label: 'Tier', before: 'normal', after: 'low' },
      { label: 'Expected events per day', before: '5,000', after: undefined },
    ]);
  });

  it('are put upon what somebody else has changed, theirs kept where nothing was touched', () => {
    const base = draftOf(inForce);
    const mine = { ...base, description: 'Mine.', tags: 'a' };
    const theirs = draftOf({
      ...inForce,
      description: 'Theirs.',
      tier: 'critical',
    });
    expect(rebase(mine, base, theirs)).toMatchObject({
      description: 'Mine.',
      tags: 'a',
      tier: 'critical',
    });
  });
});

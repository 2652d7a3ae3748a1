import { eventTypeNameProblem } from './eventTypeName';

describe('eventTypeNameProblem', () => {
  it.each(['abc', 'repository.pushed', 'a1-b2_c3.d4', 'x'.repeat(63)])(
    'finds nothing wrong with %s',
    name => {
      expect(eventTypeNameProblem(name)).toBeUndefined();
    },
  );

  it.each([
    ['', 'Give the event type a name.'],
    ['ab', 'At least 3 characters.'],
    ['x'.repeat(64), 'At most 63 characters; these are 64.'],
    ['Push', 'Lower case only, such as push.'],
    ['repository pushed', /No spaces/],
    ['1st.event', 'The first character must be a letter.'],
    ['push!', 'Letters, digits, dots, dashes and underscores only.'],
    ['push..d', /stands alone/],
    ['push.', /stands alone/],
  ])('says of %s what is wrong', (name, problem) => {
    expect(eventTypeNameProblem(name)).toMatch(problem);
  });
});

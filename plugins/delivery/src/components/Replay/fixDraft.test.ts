import {
  type FixDraft,
  describeFix,
  newOperation,
  operationProblems,
  suggestFix,
  toFix,
  valueOf,
} from './fixDraft';

const changes = (
  ...operations: Parameters<typeof newOperation>[0][]
): FixDraft => ({ mode: 'change', operations: operations.map(newOperation) });

describe('a draft of a fix', () => {
  it.each([
    ['missing_field', 'set'],
    ['wrong_type', 'cast'],
    ['unknown_field', 'remove'],
  ])('begins for %s with the change that most often mends it', (reason, op) => {
    const { mode, operations } = suggestFix(reason, '/data/amount');
    expect(mode).toBe('change');
    expect(operations).toMatchObject([{ op, pointer: '/data/amount' }]);
  });

  it('suggests to send as they are what no change mends', () => {
    expect(suggestFix('event_type_not_allowed', undefined).mode).toBe('as-is');
    expect(suggestFix(undefined, undefined).mode).toBe('as-is');
    expect(suggestFix('missing_field', undefined).mode).toBe('as-is');
  });

  it.each([
    ['0', 0],
    ['"0"', '0'],
    ['true', true],
    ['null', null],
    ['a lot', 'a lot'],
    ['[1]', [1]],
  ])('takes %s as JSON if it is, else as a text', (typed, value) => {
    expect(valueOf(typed)).toEqual(value);
  });

  it('becomes a fix in the order of its changes', () => {
    const draft = changes(
      { op: 'set', pointer: '/data/amount', value: '0' },
      { op: 'remove', pointer: '/data/colour' },
      { op: 'rename', pointer: '/data/amont', to: '/data/amount' },
      { op: 'cast', pointer: '/data/items/*/price', castTo: 'number' },
      { op: 'setType', eventType: 'order.paid' },
    );
    const fix = toFix(draft);
    expect(fix).toEqual([
      { op: 'set', pointer: '/data/amount', value: 0 },
      { op: 'remove', pointer: '/data/colour' },
      { op: 'rename', pointer: '/data/amont', to: '/data/amount' },
      { op: 'cast', pointer: '/data/items/*/price', to: 'number' },
      { op: 'setType', eventType: 'order.paid' },
    ]);
    expect(describeFix(fix ?? [])).toBe(
      'set /data/amount to 0; remove /data/colour; rename /data/amont to /data/amount; turn /data/items/*/price into a number; make it an event of type order.paid',
    );
    expect(toFix({ ...draft, mode: 'as-is' })).toEqual([]);
    expect(describeFix([])).toBe('sent as they are');
  });

  it.each([
    [{ op: 'set', pointer: '/a', value: '' } as const, 'value'],
    [{ op: 'set', pointer: 'a', value: '1' } as const, 'pointer'],
    [{ op: 'remove', pointer: '' } as const, 'pointer'],
    [{ op: 'rename', pointer: '/a', to: 'b' } as const, 'to'],
    [{ op: 'setType', eventType: ' ' } as const, 'eventType'],
  ])('is no fix while %j is not complete', (part, problem) => {
    expect(toFix(changes(part))).toBeUndefined();
    expect(Object.keys(operationProblems(newOperation(part)))).toEqual([
      problem,
    ]);
  });
});

import type {
  Fix,
  FixCastTarget,
  FixOperation,
  FixValue,
} from '@millrace/plugin-delivery-common';

/** The changes people may choose among, in words. */
export const OPERATIONS = [
  { id: 'set', label: 'set a field to' },
  { id: 'remove', label: 'remove a field' },
  { id: 'rename', label: 'rename a field to' },
  { id: 'cast', label: 'turn a field into' },
  { id: 'setType', label: 'make it an event of type' },
] as const;

export type OperationId = (typeof OPERATIONS)[number]['id'];

export const CAST_TARGETS: readonly { id: FixCastTarget; label: string }[] = [
  { id: 'integer', label: 'a whole number' },
  { id: 'number', label: 'a number' },
  { id: 'string', label: 'a text' },
  { id: 'boolean', label: 'true or false' },
];

/** The backend takes no more in one fix. */
export const MAX_OPERATIONS = 20;

/**
 * One change as it is being filled in. What another kind of change needs is
 * kept, so that trying one out loses nothing.
 */
export interface OperationDraft {
  key: number;
  op: OperationId;
  pointer: string;
  /** As typed: JSON, or else taken as a text. */
  value: string;
  to: string;
  castTo: FixCastTarget;
  eventType: string;
}

/** Whether and how the events are changed before they are sent again. */
export interface FixDraft {
  /** `as-is`: the schema or the settings were corrected instead. */
  mode: 'as-is' | 'change';
  operations: OperationDraft[];
}

let keys = 0;

export function newOperation(
  part: Partial<OperationDraft> = {},
): OperationDraft {
  keys += 1;
  return {
    op: 'set',
    pointer: '',
    value: '',
    to: '',
    castTo: 'integer',
    eventType: '',
    ...part,
    key: keys,
  };
}

/** Narrows what a select field gives. */
export function isOperationId(value: unknown): value is OperationId {
  return OPERATIONS.some(({ id }) => id === value);
}

/** The change that most often mends a reason; people only complete it. */
const SUGGESTED: Record<string, OperationId> = {
  missing_field: 'set',
  invalid_value: 'set',
  number_out_of_range: 'set',
  wrong_type: 'cast',
  unknown_field: 'remove',
  event_type_unknown: 'setType',
};

/** A first draft for events that were refused for one reason at one field. */
export function suggestFix(reason?: string, field?: string): FixDraft {
  const op = reason === undefined ? undefined : SUGGESTED[reason];
  const isPlaced = op === 'setType' || field !== undefined;
  return {
    mode: op && isPlaced ? 'change' : 'as-is',
    operations: [newOperation({ op: op ?? 'set', pointer: field ?? '' })],
  };
}

/** What was typed as a value: JSON if it is, else a text. */
export function valueOf(typed: string): FixValue {
  try {
    return JSON.parse(typed);
  } catch {
    return typed;
  }
}

/** What a typed value will be, in words. */
export function describeValue(typed: string): string {
  const value = valueOf(typed);
  if (value === null) {
    return 'nothing (null)';
  }
  switch (typeof value) {
    case 'string':
      return `the text "${value}"`;
    case 'number':
      return `the number ${value}`;
    case 'boolean':
      return String(value);
    default:
      return Array.isArray(value) ? 'a list' : 'an object';
  }
}

function pointerProblem(pointer: string): string | undefined {
  return /^(\/([^~/]|~[01])*)+$/.test(pointer)
    ? undefined
    : 'A place such as /data/amount.';
}

/** What is still to be filled in, by field. Empty when it is complete. */
export function operationProblems(draft: OperationDraft): {
  pointer?: string;
  value?: string;
  to?: string;
  eventType?: string;
} {
  const { op, pointer, value, to, eventType } = draft;
  if (op === 'setType') {
    return eventType.trim() ? {} : { eventType: 'Choose an event type.' };
  }
  const place = pointerProblem(pointer);
  const target = op === 'rename' ? pointerProblem(to) : undefined;
  return {
    ...(place && { pointer: place }),
    ...(op === 'set' &&
      value === '' && { value: 'Give a value; "" is empty.' }),
    ...(target && { to: target }),
  };
}

function toOperation(draft: OperationDraft): FixOperation {
  const { op, pointer, value, to, castTo, eventType } = draft;
  switch (op) {
    case 'set':
      return { op, pointer, value: valueOf(value) };
    case 'rename':
      return { op, pointer, to };
    case 'cast':
      return { op, pointer, to: castTo };
    case 'setType':
      return { op, eventType: eventType.trim() };
    default:
      return { op, pointer };
  }
}

/** The fix a draft stands for; none while something is still to be filled in. */
export function toFix({ mode, operations }: FixDraft): Fix | undefined {
  if (mode === 'as-is') {
    return [];
  }
  const isComplete = operations.every(
    operation => Object.keys(operationProblems(operation)).length === 0,
  );
  return isComplete ? operations.map(toOperation) : undefined;
}

function describeOperation(operation: FixOperation): string {
  switch (operation.op) {
    case 'set':
      return `set ${operation.pointer} to ${JSON.stringify(operation.value)}`;
    case 'remove':
      return `remove ${operation.pointer}`;
    case 'rename':
      return `rename ${operation.pointer} to ${operation.to}`;
    case 'cast':
      return `turn ${operation.pointer} into ${
        CAST_TARGETS.find(({ id }) => id === operation.to)?.label ??
        operation.to
      }`;
    default:
      return `make it an event of type ${operation.eventType}`;
  }
}

/** A fix in words, such as `set /data/amount to 0; remove /data/colour`. */
export function describeFix(fix: Fix): string {
  return fix.length
    ? fix.map(describeOperation).join('; ')
    : 'sent as they are';
}

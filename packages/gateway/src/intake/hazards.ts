import { isWellFormed } from './unicode';

/** Why a value is dangerous to those who read it later. */
export interface Hazard {
  /** RFC 6901 pointer to the value that holds it. */
  pointer: string;
  message: string;
}

const MAX_POINTER_LENGTH = 500;

/**
 * Whether a JSON text may hold one of the hazards below. Almost no body does,
 * and this one pass spares their events the walk.
 */
export function mayHoldHazards(json: string): boolean {
  return (
    json.includes('__proto__') ||
    json.includes('constructor') ||
    // Names may be written in escapes, and half a pair has no other form.
    (json.includes('\\u') && /\\u(?:00|[dD][89a-fA-F])/.test(json)) ||
    // The largest double has 309 digits; a short exponent stands for up to 99.
    /\d[eE]\+?\d{3}|\d{200}/.test(json)
  );
}

/**
 * Looks for what is legal JSON and yet breaks its readers:
 *
 * - keys that change the prototype of an object into which a careless program
 *   copies them (`__proto__`, and `prototype` inside `constructor`);
 * - half a surrogate pair, which has no UTF-8 form: strict JSON readers refuse
 *   the whole file it is stored in;
 * - a number beyond the largest double, which would be stored as null.
 *
 * Walks without recursion, because the depth is the sender's choice.
 */
export function findHazard(value: unknown): Hazard | undefined {
  const pending: { value: unknown; pointer: string }[] = [
    { value, pointer: '' },
  ];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const message = describeHazard(next.value);
    if (message) {
      return { pointer: next.pointer, message };
    }
    if (typeof next.value === 'object' && next.value !== null) {
      for (const [key, inner] of Object.entries(next.value)) {
        pending.push({
          value: inner,
          pointer: appendPointer(next.pointer, key),
        });
      }
    }
  }
  return undefined;
}

function describeHazard(value: unknown): string | undefined {
  if (typeof value === 'string') {
    return isWellFormed(value)
      ? undefined
      : 'The text at this place is not well-formed Unicode';
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return 'The number at this place is too large';
  }
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (!isWellFormed(key)) {
      return 'The object at this place has a name that is not well-formed Unicode';
    }
    if (key === '__proto__' || (key === 'constructor' && isProto(inner))) {
      return 'The object at this place has a name that is not allowed';
    }
  }
  return undefined;
}

function isProto(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.hasOwn(value, 'prototype')
  );
}

/** The sender chose the key: one that is not fit to be shown is left out. */
function appendPointer(pointer: string, key: string): string {
  const isShowable =
    pointer.length + key.length < MAX_POINTER_LENGTH &&
    !/[\p{C}\p{Zl}\p{Zp}]/u.test(key);
  return isShowable
    ? `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    : pointer;
}

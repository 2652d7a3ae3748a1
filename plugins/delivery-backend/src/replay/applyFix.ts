import type {
  Fix,
  FixCastTarget,
  FixOperation,
} from '@millrace/plugin-delivery-common';
import {
  isJsonObject,
  isRaw,
  type JsonNode,
  type JsonObject,
  numberNode,
} from './jsonTree';
import {
  childOf,
  expandPointer,
  parentOf,
  parsePointer,
  type Tokens,
} from './pointers';

/**
 * Applies a fix to an event, in place, operation by operation.
 *
 * Guarantees: nothing is touched but the places that the operations name; an
 * operation that cannot be done exactly as said at a place does nothing there;
 * the same event and fix always give the same text, which is what makes a
 * second sending of it the same event.
 *
 * @returns whether anything was changed
 */
export function applyFix(event: JsonObject, fix: Fix): boolean {
  let isChanged = false;
  for (const operation of fix) {
    isChanged = applyOperation(event, operation) || isChanged;
  }
  return isChanged;
}

function applyOperation(event: JsonObject, operation: FixOperation): boolean {
  switch (operation.op) {
    case 'setType':
      return put(event, ['type'], operation.eventType);
    case 'set':
      return atEach(event, operation.pointer, place =>
        put(event, place, structuredClone(operation.value)),
      );
    case 'remove':
      // From the end, or an index would mean another element after the first.
      return atEach(event, operation.pointer, place => take(event, place));
    case 'cast':
      return atEach(event, operation.pointer, place => {
        const cast = castNode(at(event, place), operation.to);
        return cast !== undefined && put(event, place, cast);
      });
    default:
      return atEach(event, operation.pointer, place =>
        move(event, place, operation.pointer, operation.to),
      );
  }
}

function atEach(
  event: JsonObject,
  pointer: string,
  change: (place: Tokens) => boolean,
): boolean {
  const places = expandPointer(event, parsePointer(pointer) ?? []);
  return places
    .reverse()
    .map(change)
    .some(isChanged => isChanged);
}

function at(event: JsonObject, place: Tokens): JsonNode | undefined {
  const parent = parentOf(event, place);
  return childOf(parent, place[place.length - 1]);
}

function put(event: JsonObject, place: Tokens, value: JsonNode): boolean {
  const parent = parentOf(event, place);
  const token = place[place.length - 1];
  if (Array.isArray(parent)) {
    // An element can be replaced; a list is never made longer.
    if (childOf(parent, token) === undefined) {
      return false;
    }
    parent[Number(token)] = value;
    return true;
  }
  if (!isJsonObject(parent)) {
    return false;
  }
  return define(parent, token, value);
}

function define(parent: JsonObject, token: string, value: JsonNode): true {
  // Assigning to `__proto__` would change the object instead of adding a name.
  Object.defineProperty(parent, token, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
  return true;
}

function take(event: JsonObject, place: Tokens): boolean {
  const parent = parentOf(event, place);
  const token = place[place.length - 1];
  if (childOf(parent, token) === undefined) {
    return false;
  }
  if (Array.isArray(parent)) {
    parent.splice(Number(token), 1);
    return true;
  }
  return isJsonObject(parent) && delete parent[token];
}

function move(
  event: JsonObject,
  place: Tokens,
  from: string,
  to: string,
): boolean {
  const value = at(event, place);
  const target = targetOf(place, from, to);
  const parent = target && parentOf(event, target);
  if (
    value === undefined ||
    !target ||
    !isJsonObject(parent) ||
    childOf(parent, target[target.length - 1]) !== undefined ||
    // Into itself.
    place.every((token, depth) => target[depth] === token)
  ) {
    return false;
  }
  return take(event, place) && define(parent, target[target.length - 1], value);
}

/** The `*` of both pointers are the same elements; see `parseFix`. */
function targetOf(place: Tokens, from: string, to: string): Tokens | undefined {
  const fromTokens = parsePointer(from) ?? [];
  const shared = fromTokens.lastIndexOf('*') + 1;
  const toTokens = parsePointer(to);
  return toTokens && [...place.slice(0, shared), ...toTokens.slice(shared)];
}

const INTEGER = /^-?(0|[1-9]\d*)$/;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** `undefined` where the value is not exactly one of the wanted type. */
function castNode(
  value: JsonNode | undefined,
  to: FixCastTarget,
): JsonNode | undefined {
  if (to === 'string') {
    if (isRaw(value)) {
      return value.rawJSON;
    }
    return typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined;
  }
  if (typeof value !== 'string') {
    return undefined;
  }
  if (to === 'boolean') {
    return value === 'true' || value === 'false' ? value === 'true' : undefined;
  }
  const isNumber = (to === 'integer' ? INTEGER : NUMBER).test(value);
  return isNumber ? numberNode(value) : undefined;
}

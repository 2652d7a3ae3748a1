import { appendPointer, isObject } from '../json/pointer';

/**
 * Translates a pointer into a parsed schema to the place in what its author
 * wrote: there, `null` may come last in a union, and a type may be wrapped in
 * `{ type: … }`. Where the two cannot be matched, the nearest place around is
 * given.
 *
 * @param source - the document that `parseEventSchema` was given
 * @param pointer - RFC 6901, into the Avro record it gave
 * @public
 */
export function sourcePointer(source: unknown, pointer: string): string {
  let node = source;
  let at = '';
  for (const encoded of pointer.split('/').slice(1)) {
    const token = encoded.replaceAll('~1', '/').replaceAll('~0', '~');
    const step = stepInto(node, token);
    if (!step) {
      return at;
    }
    at = step.path.reduce<string>(appendPointer, at);
    node = step.node;
  }
  return at;
}

interface Step {
  node: unknown;
  path: (string | number)[];
}

function stepInto(node: unknown, token: string): Step | undefined {
  if (Array.isArray(node)) {
    const index = /^\d+$/.test(token) ? Number(token) : -1;
    // The one branch of a union that is not null: second when parsed.
    const branch =
      index === 1 && node.length === 2 && node[1] === 'null' ? 0 : index;
    return branch >= 0 && branch < node.length
      ? { node: node[branch], path: [branch] }
      : undefined;
  }
  if (!isObject(node)) {
    return undefined;
  }
  if (Object.hasOwn(node, token) && !isWrapper(node, token)) {
    return { node: node[token], path: [token] };
  }
  // A wrapped type: what is looked for is one level further down.
  if (isObject(node.type) || Array.isArray(node.type)) {
    const inner = stepInto(node.type, token);
    return inner && { node: inner.node, path: ['type', ...inner.path] };
  }
  return undefined;
}

/** `{ type: { … } }` without a name is a type in parentheses, not a field. */
function isWrapper(node: Record<string, unknown>, token: string): boolean {
  return (
    token === 'type' &&
    node.name === undefined &&
    (isObject(node.type) || Array.isArray(node.type))
  );
}

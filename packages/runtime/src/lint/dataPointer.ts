/**
 * Where in a schema, as its author wrote it, the field is that a pointer into the
 * event means; `*` stands for list items and map values. The nearest record
 * around it when the field is gone.
 *
 * @param pointer - such as `/data/buyer/email`
 * @returns a pointer into the schema
 */
export function schemaPointerOf(schema: unknown, pointer: string): string {
  let at = '';
  let node = unwrap(schema, at);
  for (const encoded of pointer.split('/').slice(2)) {
    const name = encoded.replaceAll('~1', '/').replaceAll('~0', '~');
    const step =
      name === '*' ? intoValues(node) : intoField(node, name) ?? undefined;
    if (!step) {
      return at;
    }
    at = step.at;
    node = unwrap(step.type, step.typeAt);
  }
  return at;
}

interface Typed {
  type: { [key: string]: unknown };
  at: string;
}

interface Step {
  /** The field. */
  at: string;
  type: unknown;
  typeAt: string;
}

function isObject(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Out of `['null', …]` and `{ type: { … } }`. */
function unwrap(type: unknown, at: string): Typed | undefined {
  if (Array.isArray(type)) {
    const index = type.findIndex(branch => branch !== 'null');
    return index < 0 ? undefined : unwrap(type[index], `${at}/${index}`);
  }
  if (!isObject(type)) {
    return undefined;
  }
  return isObject(type.type) || Array.isArray(type.type)
    ? unwrap(type.type, `${at}/type`)
    : { type, at };
}

function intoField(node: Typed | undefined, name: string): Step | undefined {
  const fields = node?.type.fields;
  if (!node || !Array.isArray(fields)) {
    return undefined;
  }
  const index = fields.findIndex(
    field => isObject(field) && (field.jsonName ?? field.name) === name,
  );
  const at = `${node.at}/fields/${index}`;
  return index < 0
    ? undefined
    : { at, type: fields[index].type, typeAt: `${at}/type` };
}

function intoValues(node: Typed | undefined): Step | undefined {
  const key = node?.type.type === 'map' ? 'values' : 'items';
  return (
    node && {
      at: node.at,
      type: node.type[key],
      typeAt: `${node.at}/${key}`,
    }
  );
}

/** Names that Avro itself uses for types; a definition may not take one. */
const AVRO_TYPE_NAMES = new Set([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
  'record',
  'error',
  'request',
  'enum',
  'array',
  'map',
  'fixed',
  'union',
]);

const AVRO_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MAX_NAME_LENGTH = 255;

export function isAvroName(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    name.length <= MAX_NAME_LENGTH &&
    AVRO_NAME.test(name) &&
    name !== '__proto__'
  );
}

export function isAvroTypeName(name: string): boolean {
  return AVRO_TYPE_NAMES.has(name);
}

/** The name under which a definition is found, from anywhere in a schema. */
export function fullName(name: string, namespace: string | undefined): string {
  return name.includes('.') || namespace === undefined
    ? name
    : `${namespace}.${name}`;
}

/**
 * Whether a JSON key can be a field. A field becomes a column, so the key must
 * be printable and well-formed; `__proto__` is refused because assigning it
 * changes an object's prototype instead of adding a field.
 */
export function isJsonFieldName(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    name.length > 0 &&
    name.length <= MAX_NAME_LENGTH &&
    name !== '__proto__' &&
    isPrintable(name)
  );
}

/** No control characters and no half of a surrogate pair. */
export function isPrintable(text: string): boolean {
  return !/[\p{Cc}\p{Cs}]/u.test(text);
}

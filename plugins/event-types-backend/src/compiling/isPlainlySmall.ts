/** Types, fields and symbols in all; some hundred fields. */
const MAX_PARTS = 1_000;
/** Types inside each other. */
const MAX_DEPTH = 24;

const PRIMITIVES = new Set([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
]);

/**
 * Whether an Avro record is so small and so plain that its validator compiles
 * within any limit. A definition that is used again by its name is not plain: a
 * few of them that use each other stand for as many fields as somebody likes.
 *
 * @param avro - a record that has been read
 */
export function isPlainlySmall(avro: unknown): boolean {
  let parts = 0;
  const isPlain = (type: unknown, depth: number): boolean => {
    parts += 1;
    if (parts > MAX_PARTS || depth > MAX_DEPTH) {
      return false;
    }
    if (typeof type === 'string') {
      return PRIMITIVES.has(type);
    }
    if (Array.isArray(type)) {
      return type.every(branch => isPlain(branch, depth + 1));
    }
    const part = (name: string): unknown => Reflect.get(Object(type), name);
    switch (part('type')) {
      case 'record':
        return listOf(part('fields')).every(field =>
          isPlain(Reflect.get(Object(field), 'type'), depth + 1),
        );
      case 'array':
        return isPlain(part('items'), depth + 1);
      case 'map':
        return isPlain(part('values'), depth + 1);
      case 'enum':
        parts += listOf(part('symbols')).length;
        return parts <= MAX_PARTS;
      default:
        // A primitive with a logical type, or one that is written at length.
        return isPlain(part('type'), depth + 1);
    }
  };
  return isPlain(avro, 0);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

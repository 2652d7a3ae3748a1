import { AvroType } from './types';

const INT_MAX = 2 ** 31 - 1;
const INT_MIN = -(2 ** 31);

/**
 * Whether a default fits a required field. Millrace stores what producers
 * sent and never fills in a default, so it only has to keep the schema
 * readable by Avro tools: scalars, symbols and empty collections are enough.
 */
export function isValidDefault(
  type: AvroType,
  value: unknown,
  symbolsOf: (reference: string) => readonly string[] | undefined,
): boolean {
  if (typeof type === 'string') {
    return isValidPrimitiveDefault(type, value, symbolsOf);
  }
  if (Array.isArray(type)) {
    return value === null;
  }
  switch (type.type) {
    case 'enum':
      return typeof value === 'string' && type.symbols.includes(value);
    case 'array':
      return Array.isArray(value) && value.length === 0;
    case 'map':
      return (
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        Object.keys(value).length === 0
      );
    default:
      return false;
  }
}

function isValidPrimitiveDefault(
  type: string,
  value: unknown,
  symbolsOf: (reference: string) => readonly string[] | undefined,
): boolean {
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'int':
      return (
        Number.isInteger(value) &&
        (value as number) >= INT_MIN &&
        (value as number) <= INT_MAX
      );
    case 'long':
      return Number.isSafeInteger(value);
    case 'float':
    case 'double':
      return Number.isFinite(value);
    case 'string':
      return typeof value === 'string';
    default:
      return (
        typeof value === 'string' && symbolsOf(type)?.includes(value) === true
      );
  }
}

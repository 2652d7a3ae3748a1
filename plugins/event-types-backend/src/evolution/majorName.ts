import { SchemaError, parseEventTypeName } from '@millrace/schema';
import { DeclarationConflictError } from '../errors';

const MAJOR_SUFFIX = /\.v([1-9][0-9]{0,5})$/;

/**
 * The name of the next major version: `shop.order` becomes `shop.order.v2`, and
 * that `shop.order.v3`.
 *
 * @throws DeclarationConflictError when that is no name of an event type
 */
export function nextMajorName(name: string): string {
  const match = MAJOR_SUFFIX.exec(name);
  const next = match
    ? `${name.slice(0, match.index)}.v${Number(match[1]) + 1}`
    : `${name}.v2`;
  try {
    return parseEventTypeName(next);
  } catch (error) {
    if (error instanceof SchemaError) {
      throw new DeclarationConflictError([
        { code: error.code, pointer: '/name', message: error.message },
      ]);
    }
    throw error;
  }
}

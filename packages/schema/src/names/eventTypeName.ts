import { SchemaError } from '../errors';

/**
 * Lower case only and few separators, so that one name is safe everywhere it
 * travels: broker topic, folder, SQL literal, catalog entity name. Without
 * upper case two names can never collide on a case-folding file system.
 */
const EVENT_TYPE_NAME = /^[a-z][a-z0-9]*([._-][a-z0-9]+)*$/;
const MIN_NAME_LENGTH = 3;
const MAX_NAME_LENGTH = 63;

/**
 * Checks the name of an event type and returns it unchanged.
 *
 * @throws SchemaError with code `invalid_event_type_name`
 * @public
 */
export function parseEventTypeName(name: unknown): string {
  if (
    typeof name !== 'string' ||
    name.length < MIN_NAME_LENGTH ||
    name.length > MAX_NAME_LENGTH ||
    !EVENT_TYPE_NAME.test(name)
  ) {
    throw new SchemaError(
      'invalid_event_type_name',
      `An event type name has ${MIN_NAME_LENGTH} to ${MAX_NAME_LENGTH} characters: lower case letters and digits in words joined by '.', '_' or '-', and begins with a letter, for example 'shop.order_placed'`,
    );
  }
  return name;
}

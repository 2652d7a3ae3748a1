import {
  CodegenEventType,
  parseEventSchema,
  parseEventTypeName,
  SchemaError,
} from '@millrace/schema';
import { UsageError } from '../errors';

/**
 * Checks an event type of which nothing is known yet.
 *
 * @param where - what to call it in an error
 * @throws UsageError `codegen_failed`
 */
export function readEventType(
  given: {
    name: unknown;
    description?: unknown;
    version?: unknown;
    schema: unknown;
  },
  where: string,
): CodegenEventType {
  const { description, version } = given;
  try {
    return {
      name: parseEventTypeName(given.name),
      version: Number.isSafeInteger(version) ? Number(version) : 0,
      ...(typeof description === 'string' && { description }),
      schema: parseEventSchema(given.schema),
    };
  } catch (error) {
    if (error instanceof SchemaError) {
      throw new UsageError(
        'codegen_failed',
        `No types can be made of ${where}: ${error.message}`,
        'Correct it, or leave it out with --types.',
      );
    }
    throw error;
  }
}

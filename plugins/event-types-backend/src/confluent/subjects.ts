import { SchemaError, parseEventTypeName } from '@millrace/schema';
import { ProtocolError } from './errors';

const VALUE_SUFFIX = '-value';
const KEY_SUFFIX = '-key';

/**
 * The event type that a subject means.
 *
 * `<event type>-value` and, for clients that name subjects after records,
 * `<event type>` alone. The suffix is always cut off, whatever is registered, so
 * a subject never changes its meaning: an event type whose own name ends with
 * `-value` or `-key` is reached with the suffix only.
 *
 * @throws ProtocolError `invalidSubject` when no event type can have the name
 */
export function eventTypeOfSubject(subject: string): string {
  if (subject.startsWith(':')) {
    throw new ProtocolError(
      'invalidSubject',
      'Contexts are not supported: there is one registry, so leave the context out of the subject',
    );
  }
  if (subject.endsWith(KEY_SUFFIX)) {
    throw new ProtocolError(
      'invalidSubject',
      `Events have no keys, so there are no subjects that end with '${KEY_SUFFIX}'`,
    );
  }
  const name = subject.endsWith(VALUE_SUFFIX)
    ? subject.slice(0, -VALUE_SUFFIX.length)
    : subject;
  try {
    return parseEventTypeName(name);
  } catch (error) {
    if (error instanceof SchemaError) {
      throw new ProtocolError(
        'invalidSubject',
        `A subject is the name of an event type, with or without '${VALUE_SUFFIX}'. ${error.message}`,
      );
    }
    throw error;
  }
}

/** The subject under which an event type is listed. */
export function subjectOf(eventType: string): string {
  return `${eventType}${VALUE_SUFFIX}`;
}

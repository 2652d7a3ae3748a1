/** What the client of Segment puts into the data of a `track` call. */
const SENT = ['event', 'userId', 'properties', 'context'] as const;

/**
 * Which of the fields that the client of Segment sends an event type does not
 * have. One is enough for the gateway to refuse all that it sends. Empty when
 * they are all there, or when the schema is not known.
 *
 * @param schema - the Avro record of the event type
 */
export function missingForSegment(schema: unknown): string[] {
  const fields: unknown = Reflect.get(Object(schema), 'fields');
  if (!Array.isArray(fields)) {
    return [];
  }
  const names = fields.map(
    field =>
      Reflect.get(Object(field), 'jsonName') ??
      Reflect.get(Object(field), 'name'),
  );
  return SENT.filter(name => !names.includes(name));
}

import { uuidv7 } from 'uuidv7';
import { ProducerError } from '../errors';
import { EncodedEvent } from '../queue';
import { EventInput } from '../types';

/**
 * Writes an event as a CloudEvent 1.0, at once: changing the data afterwards
 * changes nothing.
 *
 * @throws ProducerError with code `invalid_event`
 */
export function encodeEvent(
  input: EventInput,
  defaults: { source: string },
): EncodedEvent {
  const id = input.id ?? uuidv7();
  if (typeof id !== 'string' || id === '') {
    throw invalid("The 'id' of an event must be a text that is not empty");
  }
  if (typeof input.type !== 'string' || input.type === '') {
    throw invalid("The 'type' of an event must name an event type");
  }
  if (typeof input.data !== 'object' || input.data === null) {
    throw invalid("The 'data' of an event must be an object");
  }
  const json = toJson({
    specversion: '1.0',
    id,
    source: input.source ?? defaults.source,
    type: input.type,
    time: toTimestamp(input.time),
    data: input.data,
  });
  return { id, head: json.slice(0, -1) };
}

function toTimestamp(time: Date | string | undefined): string | undefined {
  if (!(time instanceof Date)) {
    return time;
  }
  if (Number.isNaN(time.getTime())) {
    throw invalid("The 'time' of an event must be a valid date");
  }
  return time.toISOString();
}

function toJson(event: object): string {
  try {
    return JSON.stringify(event);
  } catch (error) {
    // A cycle, a BigInt, or a toJSON that throws.
    throw invalid('The event cannot be written as JSON', error);
  }
}

function invalid(message: string, cause?: unknown): ProducerError {
  return new ProducerError('invalid_event', message, { cause });
}

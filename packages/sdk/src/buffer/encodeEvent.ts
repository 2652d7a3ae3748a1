import { uuidv7 } from 'uuidv7';
import { ProducerError } from '../errors';
import { EventInput, Verdict } from '../types';

/** An event on its way: written once, so that every retry sends equal bytes. */
export interface BufferedEvent {
  readonly id: string;
  readonly sequence: number;
  /** The CloudEvent as JSON text. */
  readonly json: string;
  readonly bytes: number;
  readonly bufferedAt: number;
  /** Both act once; a later call changes nothing. */
  readonly resolve: (verdict: Verdict) => void;
  readonly reject: (error: ProducerError) => void;
}

/** What the producer adds to each event. */
export interface EventOrigin {
  source: string;
  producer: string;
  epoch: string;
  sequence: number;
}

/**
 * Writes an event as a CloudEvent 1.0.
 *
 * @throws ProducerError with code `invalid_event`
 */
export function encodeEvent(
  input: EventInput,
  origin: EventOrigin,
): { id: string; json: string; bytes: number } {
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
    source: input.source ?? origin.source,
    type: input.type,
    time: toTimestamp(input.time),
    producer: origin.producer,
    epoch: origin.epoch,
    sequence: origin.sequence,
    data: input.data,
  });
  return { id, json, bytes: Buffer.byteLength(json) };
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

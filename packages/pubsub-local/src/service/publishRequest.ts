import { type protos } from '@google-cloud/pubsub';
import { type NewMessage } from '../delivery';
import { invalidArgument } from '../errors';

/** Of a message and of a whole request, as it is on the wire. */
export const MAX_REQUEST_BYTES = 10_000_000;
const MAX_MESSAGES = 1000;
const MAX_ATTRIBUTES = 100;
const MAX_ATTRIBUTE_KEY_BYTES = 256;
const MAX_ATTRIBUTE_VALUE_BYTES = 1024;
const MAX_ORDERING_KEY_BYTES = 1024;

/** A Publish request, with its length on the wire. */
export interface PublishRequest
  extends protos.google.pubsub.v1.IPublishRequest {
  byteLength?: number;
}

/**
 * Checks the messages of one Publish call against Pub/Sub's limits.
 *
 * @throws RpcError INVALID_ARGUMENT
 */
export function parseMessages(request: PublishRequest): NewMessage[] {
  const messages = request.messages ?? [];
  if (messages.length === 0) {
    throw invalidArgument('A publish request has at least one message');
  }
  checkSize('message_count', messages.length, MAX_MESSAGES);
  checkSize('request_size', request.byteLength ?? 0, MAX_REQUEST_BYTES);
  const orderingKey = messages[0].orderingKey ?? '';
  if (Buffer.byteLength(orderingKey) > MAX_ORDERING_KEY_BYTES) {
    throw invalidArgument(
      `An ordering key has at most ${MAX_ORDERING_KEY_BYTES} bytes`,
    );
  }
  return messages.map(message => {
    if ((message.orderingKey ?? '') !== orderingKey) {
      throw invalidArgument(
        'In a single publish request, all messages must have no ordering key or they must all have the same ordering key.',
      );
    }
    const body = Buffer.isBuffer(message.data) ? message.data : Buffer.alloc(0);
    const attributes = message.attributes ?? {};
    const entries = Object.entries(attributes);
    if (body.length === 0 && entries.length === 0) {
      throw invalidArgument('A message needs data or at least one attribute');
    }
    checkAttributes(entries);
    return { body, attributes, ...(orderingKey && { orderingKey }) };
  });
}

function checkSize(what: string, value: number, max: number): void {
  if (value > max) {
    throw invalidArgument(
      `The value for ${what} is too large. You passed ${value} in the request, but the maximum value is ${max}.`,
    );
  }
}

function checkAttributes(entries: [string, string][]): void {
  checkSize('attributes_count', entries.length, MAX_ATTRIBUTES);
  for (const [key, value] of entries) {
    if (key === '' || key.startsWith('goog')) {
      throw invalidArgument(
        'The key of an attribute is not empty and does not begin with goog',
      );
    }
    checkSize(
      'attribute_key_size',
      Buffer.byteLength(key),
      MAX_ATTRIBUTE_KEY_BYTES,
    );
    checkSize(
      'attribute_value_size',
      Buffer.byteLength(value),
      MAX_ATTRIBUTE_VALUE_BYTES,
    );
  }
}

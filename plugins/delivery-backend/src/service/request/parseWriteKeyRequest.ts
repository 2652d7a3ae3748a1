import type { WriteKeyRequest } from '@millrace/plugin-delivery-common';
import { z } from 'zod';
import { parse } from './parse';

/** More event types than anyone owns; such a key is one for all types. */
const MAX_EVENT_TYPES = 2000;

const writeKeyRequest = z.strictObject({
  name: z
    .string('expected a name that says what the key is for')
    .trim()
    .min(1, 'expected a name that says what the key is for')
    .max(100, 'expected at most 100 characters'),
  eventTypes: z
    .array(z.string().max(63))
    .min(1, 'expected at least one event type, or none of this at all')
    .max(MAX_EVENT_TYPES)
    .optional(),
});

/** The body of `POST /write-keys`. */
export function parseWriteKeyRequest(body: unknown): WriteKeyRequest {
  return parse('write key', writeKeyRequest, body);
}

import type {
  WriteKeyExpiry,
  WriteKeyRequest,
  WriteKeyRotation,
} from '@millrace/plugin-delivery-common';
import { z } from 'zod';
import { instant, parse } from './parse';

/** More event types than anyone owns; such a key is one for all types. */
const MAX_EVENT_TYPES = 2000;
const MAX_EVENTS_PER_SECOND = 10_000_000;
const MAX_GRACE_SECONDS = 90 * 24 * 60 * 60;

const future = instant
  .refine(
    time => time.getTime() > Date.now(),
    'expected a time in the future; to end a key now, revoke it',
  )
  .transform(time => time.toISOString());

const wholeNumberUpTo = (min: number, max: number) => {
  const expected = `expected a whole number from ${min} to ${max}`;
  return z.int(expected).min(min, expected).max(max, expected);
};

const writeKeyRequest = z
  .strictObject({
    name: z
      .string('expected a name that says what the key is for')
      .trim()
      .min(1, 'expected a name that says what the key is for')
      .max(100, 'expected at most 100 characters'),
    producer: z
      .string('expected the name of the producer the key is for')
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$/,
        "expected the name of a producer such as 'shop-web': up to 100 letters, digits and . _ : / -, a letter or digit first",
      ),
    kind: z
      .enum(['server', 'browser'], "expected 'server' or 'browser'")
      .optional(),
    eventTypes: z
      .array(z.string().max(63))
      .min(1, 'expected at least one event type, or none of this at all')
      .max(MAX_EVENT_TYPES)
      .optional(),
    eventsPerSecond: wholeNumberUpTo(1, MAX_EVENTS_PER_SECOND).optional(),
    expiresAt: future.optional(),
  })
  .refine(({ kind, eventTypes }) => kind !== 'browser' || eventTypes, {
    path: ['eventTypes'],
    message:
      'a browser key is public and must name the event types it may send',
  });

/** The body of `POST /write-keys`. */
export function parseWriteKeyRequest(body: unknown): WriteKeyRequest {
  return parse('write key', writeKeyRequest, body);
}

const writeKeyRotation = z.strictObject({
  graceSeconds: wholeNumberUpTo(0, MAX_GRACE_SECONDS).optional(),
});

/** The body of `POST /write-keys/:keyId/rotate`; may be missing. */
export function parseWriteKeyRotation(body: unknown): WriteKeyRotation {
  return parse('rotation', writeKeyRotation, body ?? {});
}

const writeKeyExpiry = z.strictObject({ expiresAt: future.optional() });

/** The body of `POST /write-keys/:keyId/expiry`; may be missing. */
export function parseWriteKeyExpiry(body: unknown): WriteKeyExpiry {
  return parse('expiry', writeKeyExpiry, body ?? {});
}

import { NotFoundError } from '@backstage/errors';
import type { TestEventRequest } from '@millrace/plugin-delivery-common';
import { z } from 'zod';
import { parse } from './parse';

/** What a person writes by hand; the gateway takes much larger events. */
const MAX_DATA_LENGTH = 64 * 1024;

const testEventRequest: z.ZodType<TestEventRequest> = z.strictObject({
  data: z
    .string('expected the data of the event, as the text of a JSON object')
    .max(MAX_DATA_LENGTH, `expected at most ${MAX_DATA_LENGTH} characters`)
    // Without what the parser says, which would quote the data.
    .refine(isJsonObject, 'expected the text of a JSON object'),
});

/** The body of `POST /event-types/:name/test-events`. */
export function parseTestEventRequest(body: unknown): TestEventRequest {
  return parse('test event', testEventRequest, body);
}

/** @throws NotFoundError when no test event can have the id */
export function parseTestEventId(params: { [key: string]: string }): string {
  const result = z.guid().safeParse(params.testEventId);
  if (!result.success) {
    throw new NotFoundError('There is no test event of that id');
  }
  return result.data.toLowerCase();
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

import { NotFoundError } from '@backstage/errors';
import type { ForceCloseRequest } from '@millrace/plugin-delivery-common';
import { z } from 'zod';
import { parse } from './parse';

const forceCloseRequest = z.strictObject({
  reason: z
    .string()
    .trim()
    .min(10, 'expected at least 10 characters that say why')
    .max(1000, 'expected at most 1,000 characters'),
});

/** The body of `POST …/closing/:bucketStart/force`. */
export function parseForceCloseRequest(body: unknown): ForceCloseRequest {
  return parse('body', forceCloseRequest, body);
}

/** @throws NotFoundError when no message that was set aside can have the id */
export function parsePoisonId(params: { [key: string]: string }): string {
  const result = z.guid().safeParse(params.poisonId);
  if (!result.success) {
    throw new NotFoundError('There is no message of that id');
  }
  return result.data;
}

import type { AuditorService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import type { Request } from 'express';

/**
 * Runs a mutation so that the audit log holds who asked for what, and whether
 * it was done or refused.
 */
export async function audited<T>(
  options: {
    auditor: AuditorService;
    request: Request;
    eventId: string;
    meta: JsonObject;
  },
  run: () => Promise<{ result: T; meta: JsonObject }>,
): Promise<T> {
  const { auditor, request, eventId, meta } = options;
  const event = await auditor.createEvent({
    eventId,
    severityLevel: 'medium',
    request,
    meta,
  });
  try {
    const { result, meta: outcome } = await run();
    await event.success({ meta: outcome });
    return result;
  } catch (error) {
    await event.fail({ error: toError(error) });
    throw error;
  }
}

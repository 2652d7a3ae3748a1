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
    /** Missing when an action does it, not a route. */
    request?: Request;
    eventId?: string;
    severityLevel?: 'low' | 'medium';
    actionType: string;
    eventType?: unknown;
    /** What it is about, when that is no event type. */
    subject?: JsonObject;
    /** What of it changes, when it is not the declaration. */
    aspect?: string;
  },
  run: () => Promise<{ result: T; meta: JsonObject }>,
): Promise<T> {
  const { auditor, request, actionType, eventType, aspect } = options;
  const event = await auditor.createEvent({
    eventId: options.eventId ?? 'event-type-mutate',
    severityLevel: options.severityLevel ?? 'medium',
    request,
    meta: {
      actionType,
      ...(aspect !== undefined && { aspect }),
      ...options.subject,
      ...(typeof eventType === 'string' && { eventType }),
    },
  });
  try {
    const { result, meta } = await run();
    await event.success({ meta });
    return result;
  } catch (error) {
    await event.fail({ error: toError(error) });
    throw error;
  }
}

import { createPermissionRule } from '@backstage/plugin-permission-node';
import { z } from 'zod';
import { eventTypeResourceRef } from './eventTypeResourceRef';

/**
 * Holds when one of the claimed entity references owns the event type.
 *
 * @public
 */
export const isEventTypeOwner = createPermissionRule({
  name: 'IS_OWNER',
  description: 'Event types owned by one of the claims',
  resourceRef: eventTypeResourceRef,
  paramsSchema: z.object({
    claims: z
      .array(z.string())
      .describe('Entity references the user owns things through'),
  }),
  apply: (eventType, { claims }) => claims.includes(eventType.owner),
  toQuery: ({ claims }) => ({ owners: claims }),
});

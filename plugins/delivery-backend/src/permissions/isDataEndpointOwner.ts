import { createPermissionRule } from '@backstage/plugin-permission-node';
import { z } from 'zod';
import { dataEndpointResourceRef } from './dataEndpointResourceRef';

/** Holds when one of the claimed entity references owns the data endpoint. */
export const isDataEndpointOwner = createPermissionRule({
  name: 'IS_OWNER',
  description: 'Data endpoints owned by one of the claims',
  resourceRef: dataEndpointResourceRef,
  paramsSchema: z.object({
    claims: z
      .array(z.string())
      .describe('Entity references the user owns things through'),
  }),
  apply: (endpoint, { claims }) => claims.includes(endpoint.owner),
  toQuery: ({ claims }) => ({ owners: claims }),
});

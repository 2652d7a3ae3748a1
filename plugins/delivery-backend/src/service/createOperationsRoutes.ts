import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import {
  deliveryStatusReadPermission,
  poisonBatchesReadPermission,
  poisonBatchesRetryPermission,
} from '@millrace/plugin-delivery-common';
import type { EventTypeLookup } from '../eventTypes';
import type { OperationsReader } from '../operations';
import type { AccessControl } from '../permissions';
import type { RefusedRouteTools } from './createRefusedRoutes';
import { parseOperationsQuery } from './request';
import type { Route } from './route';

/** What the route needs. */
export interface OperationsRouteOptions {
  access: AccessControl;
  eventTypes: EventTypeLookup;
  operations: OperationsReader;
}

/**
 * The route for who runs delivery.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /operations` | what needs a person, and how everything stands; `search offset limit` of event types |
 *
 * It tells of the event types the caller may read, and of messages that were set
 * aside only where the caller may see those. Types that are not declared any
 * more are told to who may see what was set aside of all of them, the platform
 * team.
 */
export function createOperationsRoutes(
  { access, eventTypes, operations }: OperationsRouteOptions,
  { forReaders }: Pick<RefusedRouteTools, 'forReaders'>,
): Route[] {
  /** What the caller may see, and have tried again. */
  async function scopeOf(credentials: BackstageCredentials) {
    const readable = await eventTypes.list(credentials);
    const [seesAll, poisonOf, retryable] = await Promise.all([
      access.isAllowedForAll(poisonBatchesReadPermission, credentials),
      access.allowedAmong(poisonBatchesReadPermission, readable, credentials),
      access.allowedAmong(poisonBatchesRetryPermission, readable, credentials),
    ]);
    const names = (types: { name: string }[]) => types.map(({ name }) => name);
    const mayRetry = new Set(names(retryable));
    return {
      eventTypes: seesAll ? undefined : names(readable),
      poisonOf: seesAll ? undefined : names(poisonOf),
      mayRetry: (eventType: string) => mayRetry.has(eventType),
    };
  }

  return [
    {
      method: 'get',
      path: '/operations',
      permission: deliveryStatusReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        await access.require(deliveryStatusReadPermission, credentials);
        const query = parseOperationsQuery(req.query);
        const scope = await scopeOf(credentials);
        res.json(await operations.read({ ...scope, ...query }));
      }),
    },
  ];
}

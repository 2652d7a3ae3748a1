import {
  bucketForceClosePermission,
  deliveryReadPermission,
  poisonBatchesReadPermission,
  poisonBatchesRetryPermission,
} from '@millrace/plugin-delivery-common';
import type { AuditorService } from '@backstage/backend-plugin-api';
import type { ClosingDesk } from '../closing';
import type { AccessControl } from '../permissions';
import type { PoisonDesk } from '../poison';
import { audited } from './audited';
import type { RefusedRouteTools } from './createRefusedRoutes';
import {
  parseBucketStart,
  parseForceCloseRequest,
  parsePoisonId,
} from './request';
import type { Route } from './route';

/** What the routes need. */
export interface ClosingRouteOptions {
  access: AccessControl;
  auditor: AuditorService;
  closing: ClosingDesk;
  poison: PoisonDesk;
}

/**
 * The routes about what keeps a bucket from being sealed.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /event-types/:name/closing` | buckets that are over and wait |
 * | `GET /event-types/:name/closing/:bucketStart` | why it is closed, or not, and what is missing |
 * | `POST /event-types/:name/closing/:bucketStart/force` | close it all the same |
 * | `GET /event-types/:name/poison` | messages that were set aside |
 * | `POST /event-types/:name/poison/:poisonId/retry` | 202, tried again within seconds |
 *
 * Why a bucket waits is open to who may see how the type is delivered. Closing
 * one by force is the platform team's; messages that were set aside are the
 * owner's. Both mutations are audited, done or refused.
 */
export function createClosingRoutes(
  { access, auditor, closing, poison }: ClosingRouteOptions,
  { forReaders, forUsers, readableEventType }: RefusedRouteTools,
): Route[] {
  return [
    {
      method: 'get',
      path: '/event-types/:name/closing',
      permission: deliveryReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name } = await readableEventType(req, credentials);
        res.json(await closing.listWaiting(name));
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/closing/:bucketStart',
      permission: deliveryReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name } = await readableEventType(req, credentials);
        const bucketStart = parseBucketStart(req.params);
        res.json(await closing.read({ eventType: name, bucketStart }));
      }),
    },
    {
      method: 'post',
      path: '/event-types/:name/closing/:bucketStart/force',
      permission: bucketForceClosePermission,
      handler: forUsers(async (req, res, credentials) => {
        const { name } = await readableEventType(req, credentials);
        const bucketStart = parseBucketStart(req.params);
        const answer = await audited(
          {
            auditor,
            request: req,
            eventId: 'bucket-force-close',
            meta: { eventType: name, bucketStart: bucketStart.toISOString() },
          },
          async () => {
            await access.require(bucketForceClosePermission, credentials);
            const { reason } = parseForceCloseRequest(req.body);
            const result = await closing.force({
              eventType: name,
              bucketStart,
              reason,
              requestedBy: credentials.principal.userEntityRef,
            });
            const missing = result.forced?.missing;
            return {
              result,
              meta: {
                reason,
                gateways: missing?.gateways.length ?? 0,
                eventsAtMost: missing?.eventsAtMost ?? 'unknown',
              },
            };
          },
        );
        res.json(answer);
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/poison',
      permission: poisonBatchesReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const eventType = await readableEventType(req, credentials);
        await access.requireFor(
          poisonBatchesReadPermission,
          eventType,
          credentials,
        );
        res.json(await poison.list(eventType.name));
      }),
    },
    {
      method: 'post',
      path: '/event-types/:name/poison/:poisonId/retry',
      permission: poisonBatchesRetryPermission,
      handler: forUsers(async (req, res, credentials) => {
        const eventType = await readableEventType(req, credentials);
        const poisonId = parsePoisonId(req.params);
        await audited(
          {
            auditor,
            request: req,
            eventId: 'poison-batch-retry',
            meta: { eventType: eventType.name, poisonId },
          },
          async () => {
            await access.requireFor(
              poisonBatchesRetryPermission,
              eventType,
              credentials,
            );
            await poison.retry({
              eventType: eventType.name,
              poisonId,
              requestedBy: credentials.principal.userEntityRef,
            });
            return { result: undefined, meta: {} };
          },
        );
        res.status(202).end();
      }),
    },
  ];
}

import type {
  AuditorService,
  BackstageCredentials,
  BackstageUserPrincipal,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import type { Permission } from '@backstage/plugin-permission-common';
import {
  type DeliveryOverview,
  deliveryReadPermission,
  deliveryStatusReadPermission,
  partitionRowsReadPermission,
  refusedEventsReadPermission,
  writeKeyCreatePermission,
  type WriteKeyList,
  writeKeyReadPermission,
  writeKeyRevokePermission,
} from '@millrace/plugin-delivery-common';
import type { Request, RequestHandler, Response } from 'express';
import type { EventTypeLookup } from '../eventTypes';
import type { OverviewReader } from '../overview';
import type { PartitionReader } from '../partitions';
import type { AccessControl } from '../permissions';
import type { RefusedEventReader } from '../refused';
import type { StatusReader } from '../status';
import type { WriteKeyRegistry } from '../writeKeys';
import { audited } from './audited';
import {
  parseBucketStart,
  parseKeyId,
  parseName,
  parsePartitionsQuery,
  parseRefusedQuery,
  parseRowsQuery,
  parseWriteKeyRequest,
} from './request';

/** One row of the route table. */
export interface Route {
  method: 'get' | 'post' | 'delete';
  path: string;
  /** Without this permission the route answers 403. */
  permission: Permission;
  handler: RequestHandler;
}

/** What the routes need. */
export interface RouteOptions {
  access: AccessControl;
  auditor: AuditorService;
  eventTypes: EventTypeLookup;
  httpAuth: HttpAuthService;
  overview: OverviewReader;
  partitions: PartitionReader;
  refused: RefusedEventReader;
  status: StatusReader;
  writeKeys: WriteKeyRegistry;
}

/**
 * The route table of the delivery API. The shapes are in delivery-common.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /status` | processes, gateways, workers, reconciler |
 * | `GET /overview` | how each readable event type is delivered |
 * | `GET /event-types/:name` | the same for one |
 * | `GET /event-types/:name/partitions` | newest first, `limit before includeEmpty` |
 * | `GET /event-types/:name/partitions/:bucketStart` | files and decision |
 * | `GET /event-types/:name/partitions/:bucketStart/rows` | `limit offset` |
 * | `GET /event-types/:name/refused` | newest first, `limit cursor` |
 * | `GET /refused` | of all types, also unknown ones; `limit cursor unknownOnly` |
 * | `GET /write-keys` | the caller's own, or all for the platform team |
 * | `POST /write-keys` | 201, with the key in clear this one time |
 * | `DELETE /write-keys/:keyId` | 204, also when it was revoked before |
 *
 * Routes about an event type answer 403 to whoever may not read the event type
 * itself, and 404 when there is none. Rows and refused events additionally need
 * a permission on the data endpoint. Mutations are audited, done or refused.
 */
export function createRoutes(options: RouteOptions): Route[] {
  const { access, auditor, eventTypes, httpAuth } = options;
  const { overview, partitions, refused, status, writeKeys } = options;

  /** For readers: people, and other plugins on their behalf or their own. */
  function forReaders(
    handle: (
      req: Request,
      res: Response,
      credentials: BackstageCredentials,
    ) => Promise<void>,
  ): RequestHandler {
    return async (req, res) =>
      handle(
        req,
        res,
        await httpAuth.credentials(req, { allow: ['user', 'service'] }),
      );
  }

  /** For what a named person answers for. */
  function forUsers(
    handle: (
      req: Request,
      res: Response,
      credentials: BackstageCredentials<BackstageUserPrincipal>,
    ) => Promise<void>,
  ): RequestHandler {
    return async (req, res) =>
      handle(req, res, await httpAuth.credentials(req, { allow: ['user'] }));
  }

  async function readableEventType(
    req: Request,
    credentials: BackstageCredentials,
  ) {
    await access.require(deliveryReadPermission, credentials);
    return await eventTypes.get(parseName(req.params), credentials);
  }

  return [
    {
      method: 'get',
      path: '/status',
      permission: deliveryStatusReadPermission,
      handler: forReaders(async (_req, res, credentials) => {
        await access.require(deliveryStatusReadPermission, credentials);
        res.json(await status.read());
      }),
    },
    {
      method: 'get',
      path: '/overview',
      permission: deliveryReadPermission,
      handler: forReaders(async (_req, res, credentials) => {
        await access.require(deliveryReadPermission, credentials);
        const answer: DeliveryOverview = {
          items: await overview.read(await eventTypes.list(credentials)),
        };
        res.json(answer);
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name',
      permission: deliveryReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const eventType = await readableEventType(req, credentials);
        const [row] = await overview.read([eventType]);
        res.json(row);
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/partitions',
      permission: deliveryReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name } = await readableEventType(req, credentials);
        const query = parsePartitionsQuery(req.query);
        res.json(await partitions.list({ eventType: name, ...query }));
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/partitions/:bucketStart',
      permission: deliveryReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name } = await readableEventType(req, credentials);
        const bucketStart = parseBucketStart(req.params);
        res.json(await partitions.get({ eventType: name, bucketStart }));
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/partitions/:bucketStart/rows',
      permission: partitionRowsReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const eventType = await readableEventType(req, credentials);
        await access.requireFor(
          partitionRowsReadPermission,
          eventType,
          credentials,
        );
        const page = await partitions.readRows({
          eventType: eventType.name,
          bucketStart: parseBucketStart(req.params),
          ...parseRowsQuery(req.query),
        });
        res.json(page);
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/refused',
      permission: refusedEventsReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const eventType = await readableEventType(req, credentials);
        await access.requireFor(
          refusedEventsReadPermission,
          eventType,
          credentials,
        );
        const { limit, cursor } = parseRefusedQuery(req.query);
        res.json(
          await refused.list({ eventType: eventType.name, limit, cursor }),
        );
      }),
    },
    {
      method: 'get',
      path: '/refused',
      permission: refusedEventsReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        await access.requireForAll(refusedEventsReadPermission, credentials);
        res.json(await refused.list(parseRefusedQuery(req.query)));
      }),
    },
    {
      method: 'get',
      path: '/write-keys',
      permission: writeKeyReadPermission,
      handler: forUsers(async (_req, res, credentials) => {
        const answer: WriteKeyList = {
          items: await writeKeys.list(credentials),
        };
        res.json(answer);
      }),
    },
    {
      method: 'post',
      path: '/write-keys',
      permission: writeKeyCreatePermission,
      handler: forUsers(async (req, res, credentials) => {
        const created = await audited(
          {
            auditor,
            request: req,
            eventId: 'write-key-mutate',
            meta: { actionType: 'create' },
          },
          async () => {
            const request = parseWriteKeyRequest(req.body);
            const result = await writeKeys.create(request, credentials);
            const { keyId, name } = result;
            const allowed = result.eventTypes ?? 'all';
            return { result, meta: { keyId, name, eventTypes: allowed } };
          },
        );
        // The one answer that holds a secret must not be kept on the way.
        res.setHeader('Cache-Control', 'no-store');
        res.status(201).json(created);
      }),
    },
    {
      method: 'delete',
      path: '/write-keys/:keyId',
      permission: writeKeyRevokePermission,
      handler: forUsers(async (req, res, credentials) => {
        const keyId = parseKeyId(req.params);
        await audited(
          {
            auditor,
            request: req,
            eventId: 'write-key-mutate',
            meta: { actionType: 'revoke', keyId },
          },
          async () => ({
            result: await writeKeys.revoke(keyId, credentials),
            meta: {},
          }),
        );
        res.status(204).end();
      }),
    },
  ];
}

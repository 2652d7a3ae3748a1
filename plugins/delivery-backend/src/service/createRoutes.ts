import type {
  BackstageCredentials,
  BackstageUserPrincipal,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import {
  type DeliveryOverview,
  deliveryReadPermission,
  deliveryStatusReadPermission,
  partitionRowsReadPermission,
  writeKeyCreatePermission,
  type WriteKeyList,
  writeKeyReadPermission,
  writeKeyRevokePermission,
} from '@millrace/plugin-delivery-common';
import type { Request, RequestHandler, Response } from 'express';
import { type AccessRouteOptions, createAccessRoutes } from '../access';
import type { OverviewReader } from '../overview';
import type { PartitionReader } from '../partitions';
import type { StatusReader } from '../status';
import type { WriteKeyRegistry } from '../writeKeys';
import { audited } from './audited';
import { type AuditRouteOptions, createAuditRoutes } from './createAuditRoutes';
import {
  type CompletenessRouteOptions,
  createCompletenessRoutes,
} from './createCompletenessRoutes';
import {
  type ClosingRouteOptions,
  createClosingRoutes,
} from './createClosingRoutes';
import {
  createOperationsRoutes,
  type OperationsRouteOptions,
} from './createOperationsRoutes';
import {
  createRefusedRoutes,
  type RefusedRouteOptions,
} from './createRefusedRoutes';
import {
  createRevisionRoutes,
  type RevisionRouteOptions,
} from './createRevisionRoutes';
import {
  createRolloutRoutes,
  type RolloutRouteOptions,
} from './createRolloutRoutes';
import {
  createTestEventRoutes,
  type TestEventRouteOptions,
} from './createTestEventRoutes';
import {
  parseBucketStart,
  parseKeyId,
  parseName,
  parsePartitionQuery,
  parsePartitionsQuery,
  parseRowsQuery,
  parseWriteKeyExpiry,
  parseWriteKeyRequest,
  parseWriteKeyRotation,
} from './request';
import type { Route } from './route';

/** What the routes need. */
export interface RouteOptions
  extends RefusedRouteOptions,
    CompletenessRouteOptions,
    AccessRouteOptions,
    AuditRouteOptions,
    ClosingRouteOptions,
    OperationsRouteOptions,
    RevisionRouteOptions,
    RolloutRouteOptions,
    TestEventRouteOptions {
  httpAuth: HttpAuthService;
  overview: OverviewReader;
  partitions: PartitionReader;
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
 * | `GET /event-types/:name/partitions/:bucketStart` | files, proof, decision, revisions; `revision` |
 * | `GET /event-types/:name/partitions/:bucketStart/rows` | `revision limit offset` |
 * | `…/ledger`, `…/completeness`, `…/books`, `…/producers` | see {@link createCompletenessRoutes} |
 * | `…/closing`, `…/poison` | see {@link createClosingRoutes} |
 * | `GET /operations` | see {@link createOperationsRoutes} |
 * | `…/revisions` | see {@link createRevisionRoutes} |
 * | `GET /rollouts`, `…/footprint` | see {@link createRolloutRoutes} |
 * | `…/refused`, `…/replays` | see {@link createRefusedRoutes} |
 * | `…/test-events` | see {@link createTestEventRoutes} |
 * | `GET /datasets/…`, `GET /.well-known/…` | see {@link createAccessRoutes} |
 * | `/audit/…`, `…/audits` | see {@link createAuditRoutes} |
 * | `GET /write-keys` | those of the caller's event types, or all for the platform team |
 * | `POST /write-keys` | 201, with the key in clear this one time |
 * | `POST /write-keys/:keyId/rotate` | 201, with the successor in clear this one time |
 * | `POST /write-keys/:keyId/expiry` | the key with its new expiry, or none |
 * | `DELETE /write-keys/:keyId` | 204, also when it was revoked before |
 *
 * Routes about an event type answer 403 to whoever may not read the event type
 * itself, and 404 when there is none. Rows and refused events additionally need
 * a permission on the data endpoint. Mutations, and readings of the content of
 * refused events, are audited, done or refused.
 */
export function createRoutes(options: RouteOptions): Route[] {
  const { access, auditor, eventTypes, httpAuth } = options;
  const { overview, partitions, status, writeKeys } = options;
  const { latenessObjectivesMs } = options;

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

  const tools = { forReaders, forUsers, readableEventType };

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
        const readable = await eventTypes.list(credentials);
        const [items, tiers] = await Promise.all([
          overview.read(readable),
          overview.readTiers(readable),
        ]);
        const answer: DeliveryOverview = { items, tiers };
        res.json(answer);
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name',
      permission: deliveryReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const eventType = await readableEventType(req, credentials);
        res.json(await overview.readOne(eventType));
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
        const { name, tier } = await readableEventType(req, credentials);
        res.json(
          await partitions.get({
            eventType: name,
            objectiveMs: latenessObjectivesMs[tier],
            bucketStart: parseBucketStart(req.params),
            ...parsePartitionQuery(req.query),
          }),
        );
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
    ...createCompletenessRoutes(options, tools),
    ...createClosingRoutes(options, tools),
    ...createOperationsRoutes(options, tools),
    ...createRevisionRoutes(options, tools),
    ...createRolloutRoutes(options, tools),
    ...createRefusedRoutes(options, tools),
    ...createTestEventRoutes(options, tools),
    ...createAccessRoutes(options, tools),
    ...createAuditRoutes(options, tools),
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
            const { keyId, name, producer, owner, kind } = result;
            const allowed = result.eventTypes ?? 'all';
            return {
              result,
              meta: { keyId, name, producer, owner, kind, eventTypes: allowed },
            };
          },
        );
        // An answer that holds a secret must not be kept on the way.
        res.setHeader('Cache-Control', 'no-store');
        res.status(201).json(created);
      }),
    },
    {
      method: 'post',
      path: '/write-keys/:keyId/rotate',
      permission: writeKeyCreatePermission,
      handler: forUsers(async (req, res, credentials) => {
        const keyId = parseKeyId(req.params);
        const created = await audited(
          {
            auditor,
            request: req,
            eventId: 'write-key-mutate',
            meta: { actionType: 'rotate', keyId },
          },
          async () => {
            const rotation = parseWriteKeyRotation(req.body);
            const result = await writeKeys.rotate(keyId, rotation, credentials);
            const { graceSeconds } = rotation;
            return { result, meta: { successor: result.keyId, graceSeconds } };
          },
        );
        res.setHeader('Cache-Control', 'no-store');
        res.status(201).json(created);
      }),
    },
    {
      method: 'post',
      path: '/write-keys/:keyId/expiry',
      permission: writeKeyCreatePermission,
      handler: forUsers(async (req, res, credentials) => {
        const keyId = parseKeyId(req.params);
        const changed = await audited(
          {
            auditor,
            request: req,
            eventId: 'write-key-mutate',
            meta: { actionType: 'expire', keyId },
          },
          async () => {
            const { expiresAt } = parseWriteKeyExpiry(req.body);
            const result = await writeKeys.setExpiry(
              keyId,
              expiresAt,
              credentials,
            );
            return { result, meta: { expiresAt: expiresAt ?? 'never' } };
          },
        );
        res.json(changed);
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

import type { AuditorService } from '@backstage/backend-plugin-api';
import {
  deliveryReadPermission,
  partitionRevisePermission,
} from '@millrace/plugin-delivery-common';
import type { AccessControl } from '../permissions';
import { parseRevisionCursor, type RevisionDesk } from '../revisions';
import { audited } from './audited';
import type { RefusedRouteTools } from './createRefusedRoutes';
import {
  parseOperationId,
  parseRevisionApproval,
  parseRevisionRequest,
  parseRevisionsQuery,
} from './request';
import type { Route } from './route';

/** What the routes need. */
export interface RevisionRouteOptions {
  access: AccessControl;
  auditor: AuditorService;
  revisions: RevisionDesk;
}

const EVENT_ID = 'partition-revise';

/**
 * The routes about partitions that are made again.
 *
 * | route | answer |
 * | --- | --- |
 * | `POST /event-types/:name/revisions` | 202, an operation that is being previewed |
 * | `GET /event-types/:name/revisions` | newest first; `limit before` |
 * | `GET …/revisions/:operationId` | one, with the counts before and after |
 * | `POST …/revisions/:operationId/approve` | 202, it runs: what was previewed, or nothing |
 * | `POST …/revisions/:operationId/cancel` | the operation, cancelled |
 *
 * Following an operation is open to who may see how the type is delivered.
 * Asking, deciding and cancelling are the platform team's, and are audited, done
 * or refused, with event type, kind, buckets and reason. What the ledger refuses
 * is answered by 409 with its reason code as `error.code`.
 */
export function createRevisionRoutes(
  { access, auditor, revisions }: RevisionRouteOptions,
  { forReaders, forUsers, readableEventType }: RefusedRouteTools,
): Route[] {
  return [
    {
      method: 'post',
      path: '/event-types/:name/revisions',
      permission: partitionRevisePermission,
      handler: forUsers(async (req, res, credentials) => {
        const { name } = await readableEventType(req, credentials);
        const operation = await audited(
          {
            auditor,
            request: req,
            eventId: EVENT_ID,
            meta: { actionType: 'preview', eventType: name },
          },
          async () => {
            await access.require(partitionRevisePermission, credentials);
            const request = parseRevisionRequest(req.body);
            const result = await revisions.request({
              eventType: name,
              ...request,
              requestedBy: credentials.principal.userEntityRef,
            });
            const { operationId, kind, buckets } = result;
            return { result, meta: { operationId, kind, buckets } };
          },
        );
        res.status(202).json(operation);
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/revisions',
      permission: deliveryReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name } = await readableEventType(req, credentials);
        const { limit, before } = parseRevisionsQuery(req.query);
        res.json(
          await revisions.list({
            eventType: name,
            limit,
            before:
              before === undefined ? undefined : parseRevisionCursor(before),
          }),
        );
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/revisions/:operationId',
      permission: deliveryReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name } = await readableEventType(req, credentials);
        const operationId = parseOperationId(req.params);
        res.json(await revisions.get({ eventType: name, operationId }));
      }),
    },
    {
      method: 'post',
      path: '/event-types/:name/revisions/:operationId/approve',
      permission: partitionRevisePermission,
      handler: forUsers(async (req, res, credentials) => {
        const { name } = await readableEventType(req, credentials);
        const operationId = parseOperationId(req.params);
        const operation = await audited(
          {
            auditor,
            request: req,
            eventId: EVENT_ID,
            meta: { actionType: 'approve', eventType: name, operationId },
          },
          async () => {
            await access.require(partitionRevisePermission, credentials);
            const { reason } = parseRevisionApproval(req.body);
            const result = await revisions.approve({
              eventType: name,
              operationId,
              reason,
              approvedBy: credentials.principal.userEntityRef,
            });
            const { kind, buckets } = result;
            return { result, meta: { kind, buckets, reason } };
          },
        );
        res.status(202).json(operation);
      }),
    },
    {
      method: 'post',
      path: '/event-types/:name/revisions/:operationId/cancel',
      permission: partitionRevisePermission,
      handler: forUsers(async (req, res, credentials) => {
        const { name } = await readableEventType(req, credentials);
        const operationId = parseOperationId(req.params);
        const operation = await audited(
          {
            auditor,
            request: req,
            eventId: EVENT_ID,
            meta: { actionType: 'cancel', eventType: name, operationId },
          },
          async () => {
            await access.require(partitionRevisePermission, credentials);
            const result = await revisions.cancel({
              eventType: name,
              operationId,
            });
            const { kind, buckets } = result;
            return { result, meta: { kind, buckets } };
          },
        );
        res.json(operation);
      }),
    },
  ];
}

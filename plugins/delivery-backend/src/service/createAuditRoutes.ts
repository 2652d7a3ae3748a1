import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import {
  auditAcknowledgePermission,
  auditReadPermission,
} from '@millrace/plugin-delivery-common';
import type { Request } from 'express';
import type { AuditReader } from '../audit';
import type { EventTypeLookup } from '../eventTypes';
import type { AccessControl } from '../permissions';
import { audited } from './audited';
import type { RefusedRouteTools } from './createRefusedRoutes';
import {
  parseAcknowledgement,
  parseAuditsQuery,
  parseFindingId,
  parseFindingsQuery,
} from './request';
import type { Route } from './route';

/** What the routes need. */
export interface AuditRouteOptions {
  access: AccessControl;
  auditor: AuditorService;
  audit: AuditReader;
  eventTypes: EventTypeLookup;
}

/**
 * The routes about what the auditor of the lake found. It is not the audit log,
 * which `auditor` is.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /audit/coverage` | how far it has come, and how many findings there are |
 * | `GET /audit/findings` | `state eventType code bucketStart limit cursor` |
 * | `GET /audit/findings/:findingId` | one |
 * | `POST /audit/findings/:findingId/acknowledge` | the finding, acknowledged |
 * | `GET /event-types/:name/audits` | last audits; `limit before bucketStart` |
 *
 * Whoever may read an event type may see what was found in it. Findings in types
 * that are not declared any more are for who may acknowledge all of them, the
 * platform team. Acknowledging is for owners, and is audited.
 */
export function createAuditRoutes(
  { access, auditor, audit, eventTypes }: AuditRouteOptions,
  {
    forReaders,
    forUsers,
    readableEventType,
  }: Pick<RefusedRouteTools, 'forReaders' | 'forUsers' | 'readableEventType'>,
): Route[] {
  /** The event types whose findings may be seen; `undefined` is all. */
  async function seenBy(
    credentials: BackstageCredentials,
  ): Promise<string[] | undefined> {
    await access.require(auditReadPermission, credentials);
    if (await access.isAllowedForAll(auditAcknowledgePermission, credentials)) {
      return undefined;
    }
    return (await eventTypes.list(credentials)).map(({ name }) => name);
  }

  /** A finding, for who may see it; others learn nothing of it. */
  async function readableFinding(
    req: Request,
    credentials: BackstageCredentials,
  ) {
    const seen = await seenBy(credentials);
    const finding = await audit.get(parseFindingId(req.params));
    if (seen && !seen.includes(finding.eventType)) {
      // The same answer as when the type itself is asked for.
      await eventTypes.get(finding.eventType, credentials);
    }
    return finding;
  }

  return [
    {
      method: 'get',
      path: '/audit/coverage',
      permission: auditReadPermission,
      handler: forReaders(async (_req, res, credentials) => {
        res.json(await audit.coverage(await seenBy(credentials)));
      }),
    },
    {
      method: 'get',
      path: '/audit/findings',
      permission: auditReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const seen = await seenBy(credentials);
        const { eventType, ...query } = parseFindingsQuery(req.query);
        const mayBeSeen =
          eventType === undefined || !seen || seen.includes(eventType);
        const wanted = eventType === undefined ? seen : [eventType];
        res.json(
          mayBeSeen
            ? await audit.list({ ...query, eventTypes: wanted })
            : { items: [] },
        );
      }),
    },
    {
      method: 'get',
      path: '/audit/findings/:findingId',
      permission: auditReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        res.json(await readableFinding(req, credentials));
      }),
    },
    {
      method: 'post',
      path: '/audit/findings/:findingId/acknowledge',
      permission: auditAcknowledgePermission,
      handler: forUsers(async (req, res, credentials) => {
        const findingId = parseFindingId(req.params);
        const acknowledged = await audited(
          {
            auditor,
            request: req,
            eventId: 'audit-finding-acknowledge',
            meta: { findingId },
          },
          async () => {
            const { eventType } = await readableFinding(req, credentials);
            if (
              !(await access.isAllowedForAll(
                auditAcknowledgePermission,
                credentials,
              ))
            ) {
              await access.requireFor(
                auditAcknowledgePermission,
                await eventTypes.get(eventType, credentials),
                credentials,
              );
            }
            const { why } = parseAcknowledgement(req.body);
            const result = await audit.acknowledge({
              findingId,
              by: credentials.principal.userEntityRef,
              why,
            });
            return { result, meta: { eventType, code: result.code, why } };
          },
        );
        res.json(acknowledged);
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/audits',
      permission: auditReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        await access.require(auditReadPermission, credentials);
        const { name } = await readableEventType(req, credentials);
        const query = parseAuditsQuery(req.query);
        res.json(await audit.audits({ ...query, eventType: name }));
      }),
    },
  ];
}

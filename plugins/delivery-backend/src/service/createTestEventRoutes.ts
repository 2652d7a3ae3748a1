import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import { testEventSendPermission } from '@millrace/plugin-delivery-common';
import type { Request } from 'express';
import type { AccessControl } from '../permissions';
import type { TestEventDesk } from '../testEvents';
import { audited } from './audited';
import type { RefusedRouteTools } from './createRefusedRoutes';
import { parseTestEventId, parseTestEventRequest } from './request';
import type { Route } from './route';

/** What the routes need. */
export interface TestEventRouteOptions {
  access: AccessControl;
  auditor: AuditorService;
  testEvents: TestEventDesk;
}

/**
 * The routes about test events.
 *
 * | route | answer |
 * | --- | --- |
 * | `POST /event-types/:name/test-events` | 201, one that is on its way |
 * | `GET /event-types/:name/test-events` | the newest 20, newest first |
 * | `GET /event-types/:name/test-events/:testEventId` | how far it has come |
 *
 * Sending one is writing into the data endpoint, so it needs a permission on it.
 * The audit log holds who sent which event, and under which key; never its data.
 */
export function createTestEventRoutes(
  { access, auditor, testEvents }: TestEventRouteOptions,
  { forReaders, forUsers, readableEventType }: RefusedRouteTools,
): Route[] {
  /** The event type, for who may send test events of it. */
  async function sendableEventType(
    req: Request,
    credentials: BackstageCredentials,
  ) {
    const eventType = await readableEventType(req, credentials);
    await access.requireFor(testEventSendPermission, eventType, credentials);
    return eventType;
  }

  return [
    {
      method: 'post',
      path: '/event-types/:name/test-events',
      permission: testEventSendPermission,
      handler: forUsers(async (req, res, credentials) => {
        const eventType = await readableEventType(req, credentials);
        const created = await audited(
          {
            auditor,
            request: req,
            eventId: 'test-event-send',
            meta: { eventType: eventType.name },
          },
          async () => {
            await access.requireFor(
              testEventSendPermission,
              eventType,
              credentials,
            );
            const { testEvent, keyId } = await testEvents.send(
              eventType,
              parseTestEventRequest(req.body),
              credentials.principal.userEntityRef,
            );
            const { testEventId } = testEvent;
            return { result: testEvent, meta: { testEventId, keyId } };
          },
        );
        res.status(201).json(created);
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/test-events',
      permission: testEventSendPermission,
      handler: forReaders(async (req, res, credentials) => {
        const eventType = await sendableEventType(req, credentials);
        res.json(await testEvents.list(eventType));
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/test-events/:testEventId',
      permission: testEventSendPermission,
      handler: forReaders(async (req, res, credentials) => {
        const eventType = await sendableEventType(req, credentials);
        res.json(await testEvents.get(eventType, parseTestEventId(req.params)));
      }),
    },
  ];
}

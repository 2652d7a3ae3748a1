import type {
  AuditorService,
  BackstageCredentials,
  BackstageUserPrincipal,
} from '@backstage/backend-plugin-api';
import {
  deliveryReadPermission,
  type Fix,
  refusedEventsReadPermission,
  refusedEventsReplayPermission,
} from '@millrace/plugin-delivery-common';
import type { Request, RequestHandler, Response } from 'express';
import type { DeclaredEventType, EventTypeLookup } from '../eventTypes';
import type { AccessControl } from '../permissions';
import type { RefusedEventReader } from '../refused';
import { type ReplayPreviewer, type ReplayRegistry, typesOf } from '../replay';
import { audited } from './audited';
import {
  parseRefusalId,
  parseRefusedGroupsQuery,
  parseRefusedQuery,
  parseReplayId,
  parseReplayPreviewRequest,
  parseReplayQuery,
  parseReplayRequest,
} from './request';
import type { Route } from './route';

type Handler<C extends BackstageCredentials> = (
  req: Request,
  res: Response,
  credentials: C,
) => Promise<void>;

/** What the routes need. */
export interface RefusedRouteOptions {
  access: AccessControl;
  auditor: AuditorService;
  eventTypes: EventTypeLookup;
  refused: RefusedEventReader;
  replays: { previewer: ReplayPreviewer; registry: ReplayRegistry };
}

/** What the route table lends. */
export interface RefusedRouteTools {
  forReaders(handle: Handler<BackstageCredentials>): RequestHandler;
  forUsers(
    handle: Handler<BackstageCredentials<BackstageUserPrincipal>>,
  ): RequestHandler;
  readableEventType(
    req: Request,
    credentials: BackstageCredentials,
  ): Promise<DeclaredEventType>;
}

const SAMPLES_BY_DEFAULT = 5;

/**
 * The routes about refused events and their replays.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /event-types/:name/refused` | newest first, filtered; `limit cursor` |
 * | `GET /event-types/:name/refused/groups` | by reason and field; `since` |
 * | `GET /event-types/:name/refused/:refusalId` | one, with its content |
 * | `GET /refused`, `GET /refused/:refusalId` | of all types, also unknown ones |
 * | `POST /event-types/:name/replays/preview` | what a replay would do |
 * | `POST /event-types/:name/replays` | 201, a replay that goes on by itself |
 * | `GET /event-types/:name/replays` | newest first |
 * | `GET /event-types/:name/replays/:replayId` | its books and events |
 *
 * A refused event is kept as it came, so its content is treated as personal
 * data: it needs the permission to read refused events of its type, and every
 * reading of it is audited. Groups are the exception: who may see how a type is
 * delivered gets them without what they say of the events.
 */
export function createRefusedRoutes(
  { access, auditor, eventTypes, refused, replays }: RefusedRouteOptions,
  { forReaders, forUsers, readableEventType }: RefusedRouteTools,
): Route[] {
  /** The event type, for who may read its refused events. */
  async function readableRefused(
    req: Request,
    credentials: BackstageCredentials,
  ) {
    const eventType = await readableEventType(req, credentials);
    await access.requireFor(
      refusedEventsReadPermission,
      eventType,
      credentials,
    );
    return eventType;
  }

  /** What a fix turns events into is another endpoint's data. */
  async function requireReplayInto(
    name: string,
    fix: Fix,
    credentials: BackstageCredentials,
  ) {
    for (const target of typesOf(name, fix)) {
      await access.requireFor(
        refusedEventsReplayPermission,
        await eventTypes.get(target, credentials),
        credentials,
      );
    }
  }

  return [
    {
      method: 'get',
      path: '/event-types/:name/refused',
      permission: refusedEventsReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name } = await readableRefused(req, credentials);
        const { unknownOnly: _, ...query } = parseRefusedQuery(req.query);
        res.json(await refused.list({ ...query, eventType: name }));
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/refused/groups',
      permission: deliveryReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const eventType = await readableEventType(req, credentials);
        const isFull = await access.isAllowedFor(
          refusedEventsReadPermission,
          eventType,
          credentials,
        );
        res.json(
          await refused.groups({
            eventType: eventType.name,
            ...parseRefusedGroupsQuery(req.query),
            detail: isFull ? 'full' : 'counts',
          }),
        );
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/refused/:refusalId',
      permission: refusedEventsReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name } = await readableRefused(req, credentials);
        const refusalId = parseRefusalId(req.params);
        await readAudited(req, res, { refusalId, eventType: name });
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
      path: '/refused/:refusalId',
      permission: refusedEventsReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        await access.requireForAll(refusedEventsReadPermission, credentials);
        await readAudited(req, res, { refusalId: parseRefusalId(req.params) });
      }),
    },
    {
      method: 'post',
      path: '/event-types/:name/replays/preview',
      permission: refusedEventsReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name } = await readableRefused(req, credentials);
        const request = parseReplayPreviewRequest(req.body);
        const { samples = SAMPLES_BY_DEFAULT } = request;
        const preview = await audited(
          {
            auditor,
            request: req,
            eventId: 'refused-event-read',
            meta: { eventType: name, queryType: 'replay-preview' },
          },
          async () => {
            const result = await replays.previewer.preview({
              ...request,
              eventType: name,
              samples,
            });
            const shown = result.samples.map(({ refusalId }) => refusalId);
            return { result, meta: { refusalIds: shown } };
          },
        );
        // Samples are content.
        res.setHeader('Cache-Control', 'no-store');
        res.json(preview);
      }),
    },
    {
      method: 'post',
      path: '/event-types/:name/replays',
      permission: refusedEventsReplayPermission,
      handler: forUsers(async (req, res, credentials) => {
        const { name } = await readableEventType(req, credentials);
        const created = await audited(
          {
            auditor,
            request: req,
            eventId: 'refused-events-replay',
            meta: { eventType: name },
          },
          async () => {
            await requireReplayInto(name, [], credentials);
            const request = parseReplayRequest(req.body);
            await requireReplayInto(name, request.fix, credentials);
            const result = await replays.registry.create(
              name,
              request,
              credentials.principal.userEntityRef,
            );
            const { replayId, reason, counts } = result;
            const operations = request.fix.map(({ op }) => op);
            return {
              result,
              meta: { replayId, reason, operations, selected: counts.selected },
            };
          },
        );
        res.status(201).json(created);
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/replays',
      permission: refusedEventsReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name } = await readableRefused(req, credentials);
        res.json(await replays.registry.list(name));
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/replays/:replayId',
      permission: refusedEventsReadPermission,
      handler: forReaders(async (req, res, credentials) => {
        const { name } = await readableRefused(req, credentials);
        res.json(
          await replays.registry.get({
            eventType: name,
            replayId: parseReplayId(req.params),
            ...parseReplayQuery(req.query),
          }),
        );
      }),
    },
  ];

  async function readAudited(
    req: Request,
    res: Response,
    which: { refusalId: string; eventType?: string },
  ): Promise<void> {
    const detail = await audited(
      {
        auditor,
        request: req,
        eventId: 'refused-event-read',
        meta: { ...which, queryType: 'by-id' },
      },
      async () => ({ result: await refused.get(which), meta: {} }),
    );
    res.setHeader('Cache-Control', 'no-store');
    res.json(detail);
  }
}

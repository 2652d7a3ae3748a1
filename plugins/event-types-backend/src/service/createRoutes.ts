import type {
  AuditorService,
  BackstageCredentials,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  type EventTypeList,
  type EventTypePreview,
  eventTypeCreatePermission,
  eventTypeReadPermission,
  eventTypeUpdatePermission,
} from '@millrace/plugin-event-types-common';
import { summarizeFields } from '@millrace/schema';
import type { Request, RequestHandler, Response } from 'express';
import type { SchemaCompiler } from '../compiling';
import type { EventTypeRegistry } from '../registry';
import type { EventTypeEvolver } from '../evolution';
import type { EventTypeFinder } from '../search';
import { audited } from './audited';
import { createEvolutionRoutes } from './createEvolutionRoutes';
import { createGenerationRoutes } from './createGenerationRoutes';
import {
  createWithdrawalRoutes,
  type WithdrawalRouteOptions,
} from './createWithdrawalRoutes';
import type { Route } from './route';
import { type DeclaringOptions, declaringRoutes } from './declaringRoutes';
import {
  parseChange,
  parseFindFields,
  parseIfMatch,
  parseListQuery,
  parsePathName,
  parsePreview,
  parseRegistration,
} from './request';

/** What the routes need; registry, evolver and finder the authorized ones. */
export interface RouteOptions extends WithdrawalRouteOptions {
  auditor: AuditorService;
  compiler: SchemaCompiler;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  registry: EventTypeRegistry;
  evolver: EventTypeEvolver;
  finder: EventTypeFinder;
  declaring: DeclaringOptions;
}

function nameInBody(body: unknown): unknown {
  return typeof body === 'object' && body !== null
    ? Reflect.get(body, 'name')
    : undefined;
}

/**
 * The route table of the event types API.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /event-types` | every readable event type; `?schema=true` adds schemas |
 * | `GET /event-types?limit=50` | a page of them: searched, narrowed, sorted, counted |
 * | `GET /fields` | a page of the fields of their newest versions, likewise |
 * | `GET /event-types/:name` | one; 404 says why when only a bad declaration exists |
 * | `POST /event-types` | 201, registered at version 1 |
 * | `PUT /event-types/:name` | replaced; a changed schema is the next version; with `If-Match: "<generation>"` only what is at that generation |
 * | `POST /event-types/preview` | the schema that samples, fields or a JSON Schema give |
 *
 * Those of {@link createGenerationRoutes}, {@link createEvolutionRoutes},
 * {@link createWithdrawalRoutes} and
 * {@link declaringRoutes} come on top.
 *
 * A failed request carries `error.problems` in its body: `{ code, pointer,
 * message }` each, with the pointer into the request body. 400: the declaration
 * is wrong in itself; 403: the owner is not the caller's; 409: it does not go
 * with what is registered; 503: too many schemas wait to be compiled. Mutations are idempotent but for `POST`, which
 * answers 409 when repeated, and are audited whether they succeed or not.
 */
export function createRoutes(options: RouteOptions): Route[] {
  const { auditor, compiler, finder, httpAuth, permissions, registry } =
    options;
  const retentionClasses = options.declaring.retentionClasses.map(
    ({ id }) => id,
  );

  function withCredentials(
    handle: (
      req: Request,
      res: Response,
      asCaller: { credentials: BackstageCredentials },
    ) => Promise<void>,
  ): RequestHandler {
    return async (req, res) => {
      const credentials = await httpAuth.credentials(req, {
        allow: ['user', 'service'],
      });
      await handle(req, res, { credentials });
    };
  }

  return [
    {
      method: 'get',
      path: '/event-types',
      permission: eventTypeReadPermission,
      handler: withCredentials(async (req, res, asCaller) => {
        const query = parseListQuery(req.query);
        if (query.isPaged) {
          res.json(await finder.findEventTypes(query.request, asCaller));
          return;
        }
        const list: EventTypeList = {
          items: query.withSchema
            ? await registry.list({}, asCaller)
            : await registry.listItems({}, asCaller),
        };
        res.json(list);
      }),
    },
    {
      method: 'get',
      path: '/fields',
      permission: eventTypeReadPermission,
      handler: withCredentials(async (req, res, asCaller) => {
        res.json(await finder.findFields(parseFindFields(req.query), asCaller));
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name',
      permission: eventTypeReadPermission,
      handler: withCredentials(async (req, res, asCaller) => {
        const name = parsePathName(req.params.name);
        res.json(await registry.get({ name }, asCaller));
      }),
    },
    {
      method: 'post',
      path: '/event-types',
      permission: eventTypeCreatePermission,
      handler: withCredentials(async (req, res, asCaller) => {
        const eventType = await audited(
          {
            auditor,
            request: req,
            actionType: 'create',
            eventType: nameInBody(req.body),
          },
          async () => {
            const declaration = await parseRegistration(req.body, {
              compiler,
              retentionClasses,
            });
            const result = await registry.create({ declaration }, asCaller);
            return { result, meta: { outcome: 'created' } };
          },
        );
        res.status(201).json(eventType);
      }),
    },
    {
      method: 'put',
      path: '/event-types/:name',
      permission: eventTypeUpdatePermission,
      handler: withCredentials(async (req, res, asCaller) => {
        const name = parsePathName(req.params.name);
        const eventType = await audited(
          { auditor, request: req, actionType: 'update', eventType: name },
          async () => {
            const declaration = await parseChange(req.body, {
              pathName: name,
              compiler,
              retentionClasses,
            });
            const ifGeneration = parseIfMatch(req.header('if-match'));
            const { eventType: result, outcome } = await registry.update(
              { declaration, ifGeneration },
              asCaller,
            );
            const { version, generation } = result;
            return { result, meta: { outcome, version, generation } };
          },
        );
        res.json(eventType);
      }),
    },
    {
      method: 'post',
      path: '/event-types/preview',
      permission: eventTypeCreatePermission,
      handler: withCredentials(async (req, res, asCaller) => {
        // A preview reads and writes nothing, but it costs time: it is for
        // those who could go on to register what they preview.
        const [decision] = await permissions.authorize(
          [{ permission: eventTypeCreatePermission }],
          asCaller,
        );
        if (decision.result !== AuthorizeResult.ALLOW) {
          throw new NotAllowedError('You may not register event types');
        }
        const { schema, problems, privacy } = await parsePreview(
          req.body,
          compiler,
        );
        const preview: EventTypePreview = {
          schema: schema?.avro,
          fields: schema ? summarizeFields(schema) : [],
          problems,
          privacy,
        };
        res.json(preview);
      }),
    },
    ...createGenerationRoutes(options),
    ...createEvolutionRoutes(options),
    ...createWithdrawalRoutes(options),
    ...declaringRoutes({ ...options, ...options.declaring }),
  ];
}

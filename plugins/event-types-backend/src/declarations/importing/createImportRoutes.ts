import type {
  AuditorService,
  BackstageCredentials,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import type { Permission } from '@backstage/plugin-permission-common';
import {
  eventTypeCreatePermission,
  eventTypeUpdatePermission,
} from '@millrace/plugin-event-types-common';
import express, {
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express';
import PromiseRouter from 'express-promise-router';
import { audited } from '../../service/audited';
import { parsePathName } from '../../service/request';
import type { DeclarationImporter } from './DeclarationImporter';
import { MAX_DECLARATION_BYTES } from './readDeclarationText';

/** One row of the route table of declarations as code. */
export interface ImportRoute {
  method: 'post' | 'put';
  path: string;
  /** Without it the route answers 403. */
  permission: Permission;
  handlers: RequestHandler[];
}

/** What the routes need. */
export interface ImportRouteOptions {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  importer: DeclarationImporter;
}

const YAML_TYPE = 'application/yaml';
const BODY_TYPES = [
  YAML_TYPE,
  'application/x-yaml',
  'text/yaml',
  'text/x-yaml',
  'text/plain',
  'application/json',
];

/**
 * The routes that take declarations as code; bodies are YAML or JSON.
 *
 * | route | answer |
 * | --- | --- |
 * | `POST /declarations/check` | what taking the body in would do; writes nothing |
 * | `POST /declarations` | 201, registered |
 * | `POST /event-types/:name/declaration/check` | the same for the event type of the name |
 * | `PUT /event-types/:name/declaration` | brought to the body; `?generation=` refuses with 409 what changed since |
 *
 * What they write belongs to the portal: `PUT` answers 409 `declared_in_catalog`
 * while a repository owns the event type, and takes over an orphan. A check
 * answers 200 whatever is wrong: problems are its answer. Otherwise errors are
 * those of the routes that take JSON, with the `line` of each problem. Writing
 * is audited whether it succeeds or not.
 */
export function createImportRoutes(options: ImportRouteOptions): ImportRoute[] {
  const { auditor, httpAuth, importer } = options;

  const withCredentials =
    (
      handle: (
        req: Request,
        res: Response,
        asCaller: { credentials: BackstageCredentials },
      ) => Promise<void>,
    ): RequestHandler =>
    async (req, res) => {
      const credentials = await httpAuth.credentials(req, {
        allow: ['user', 'service'],
      });
      await handle(req, res, { credentials });
    };
  // As text, whatever the type: what is wrong is told with its line.
  const readText = express.text({
    limit: MAX_DECLARATION_BYTES,
    type: BODY_TYPES,
    defaultCharset: 'utf-8',
  });

  return [
    {
      method: 'post',
      path: '/declarations/check',
      permission: eventTypeCreatePermission,
      handlers: [
        readText,
        withCredentials(async (req, res, asCaller) => {
          const opened = await importer.open({ text: textOf(req) }, asCaller);
          res.json(await importer.check(opened, asCaller));
        }),
      ],
    },
    {
      method: 'post',
      path: '/declarations',
      permission: eventTypeCreatePermission,
      handlers: [
        readText,
        withCredentials(async (req, res, asCaller) => {
          const text = textOf(req);
          const opening = importer.open({ text }, asCaller);
          // Its name belongs into the audit log, and so does a refusal to open it.
          const name = await opening.then(
            opened => opened.name,
            () => undefined,
          );
          const eventType = await audited(
            { auditor, request: req, actionType: 'create', eventType: name },
            async () => {
              const result = await importer.create(await opening, asCaller);
              return { result, meta: { outcome: 'created', form: 'yaml' } };
            },
          );
          res.status(201).json(eventType);
        }),
      ],
    },
    {
      method: 'post',
      path: '/event-types/:name/declaration/check',
      permission: eventTypeUpdatePermission,
      handlers: [
        readText,
        withCredentials(async (req, res, asCaller) => {
          const name = parsePathName(req.params.name);
          const opened = await importer.open(
            { text: textOf(req), name },
            asCaller,
          );
          res.json(await importer.check(opened, asCaller));
        }),
      ],
    },
    {
      method: 'put',
      path: '/event-types/:name/declaration',
      permission: eventTypeUpdatePermission,
      handlers: [
        readText,
        withCredentials(async (req, res, asCaller) => {
          const name = parsePathName(req.params.name);
          const eventType = await audited(
            { auditor, request: req, actionType: 'update', eventType: name },
            async () => {
              const ifGeneration = generationOf(req);
              const opened = await importer.open(
                { text: textOf(req), name },
                asCaller,
              );
              const { eventType: result, outcome } = await importer.update(
                opened,
                { ifGeneration },
                asCaller,
              );
              const { version, generation } = result;
              return {
                result,
                meta: { outcome, version, generation, form: 'yaml' },
              };
            },
          );
          res.json(eventType);
        }),
      ],
    },
  ];
}

/**
 * Mounts the routes of declarations as code; see {@link createImportRoutes}. It
 * has to come before whatever reads bodies as JSON.
 */
export function createImportRouter(options: ImportRouteOptions): Router {
  const router = PromiseRouter();
  for (const { method, path, handlers } of createImportRoutes(options)) {
    router[method](path, ...handlers);
  }
  return router;
}

function textOf(req: Request): string {
  if (typeof req.body !== 'string' || req.body === '') {
    throw new InputError(
      `Send the declaration as the body, with the content type ${YAML_TYPE}`,
    );
  }
  return req.body;
}

function generationOf(req: Request): number | undefined {
  const { generation } = req.query;
  if (generation === undefined) {
    return undefined;
  }
  if (typeof generation !== 'string' || !/^\d{1,15}$/.test(generation)) {
    throw new InputError('The query parameter generation must be a number');
  }
  return Number(generation);
}

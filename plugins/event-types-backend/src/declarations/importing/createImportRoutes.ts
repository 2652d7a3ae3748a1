import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import {
  eventTypeCreatePermission,
  eventTypeUpdatePermission,
} from '@millrace/plugin-event-types-common';
import type { Request, Router } from 'express';
import { audited } from '../../service/audited';
import { parsePathName } from '../../service/request';
import {
  type YamlRoute,
  createWithCredentials,
  readYamlBody,
  yamlBodyOf,
  createYamlRouter,
} from '../../service/yamlRoutes';
import type { DeclarationImporter } from './DeclarationImporter';
import { MAX_DECLARATION_BYTES } from './readDeclarationText';

/** What the routes need. */
export interface ImportRouteOptions {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  importer: DeclarationImporter;
}

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
export function createImportRoutes(options: ImportRouteOptions): YamlRoute[] {
  const { auditor, httpAuth, importer } = options;

  const withCredentials = createWithCredentials(httpAuth);
  const readText = readYamlBody(MAX_DECLARATION_BYTES);

  return [
    {
      method: 'post',
      path: '/declarations/check',
      permission: eventTypeCreatePermission,
      handlers: [
        readText,
        withCredentials(async (req, res, asCaller) => {
          const opened = await importer.open(
            { text: yamlBodyOf(req, 'declaration') },
            asCaller,
          );
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
          const text = yamlBodyOf(req, 'declaration');
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
            { text: yamlBodyOf(req, 'declaration'), name },
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
                { text: yamlBodyOf(req, 'declaration'), name },
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
  return createYamlRouter(createImportRoutes(options));
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

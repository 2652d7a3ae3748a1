import type {
  AuditorService,
  BackstageCredentials,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import {
  breakingChangeApprovePermission,
  compatibilityLoosenPermission,
  eventTypeReadPermission,
  eventTypeUpdatePermission,
} from '@millrace/plugin-event-types-common';
import type { Request, RequestHandler, Response } from 'express';
import type { SchemaCompiler } from '../compiling';
import { VersionNotFoundError } from '../errors';
import type { EventTypeEvolver } from '../evolution';
import { audited } from './audited';
import type { Route } from './route';
import { parsePathName, parsePreview } from './request';
import {
  parseDecision,
  parseDeprecation,
  parseMajorRequest,
  parseMode,
  parseNextVersion,
  parseStep,
  parseVersionNumber,
} from './request/parseEvolution';

/** What the routes need. The evolver must be the authorized one. */
export interface EvolutionRouteOptions {
  auditor: AuditorService;
  compiler: SchemaCompiler;
  evolver: EventTypeEvolver;
  httpAuth: HttpAuthService;
}

/**
 * The routes by which event types change.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET …/:name/versions` | its versions, newest first, each with how it follows the one before |
 * | `GET …/:name/versions/:from/diff/:to` | what differs between any two versions |
 * | `GET …/:name/evolution` | mode, deprecation, moves between major versions, readers |
 * | `POST …/:name/verdict` | what publishing a schema would do; changes nothing |
 * | `POST …/:name/versions` | the next version, if the mode allows it; the same schema changes nothing |
 * | `PUT …/:name/compatibility` | another mode; loosening takes a permission of its own |
 * | `PUT …/:name/deprecation` | deprecated, with a message, a last day and a successor |
 * | `DELETE …/:name/deprecation` | not deprecated any more |
 * | `POST …/:name/majors` | asks for a new major version; 409 when none is needed |
 * | `POST …/:name/majors/decision` | approves or refuses it; 403 for who asked |
 * | `POST …/:name/majors/steps` | the next step of the move; 409 when it is not the next |
 *
 * Mutations are audited whether they succeed or not, with what they change in
 * `aspect`.
 */
export function createEvolutionRoutes(options: EvolutionRouteOptions): Route[] {
  const { auditor, compiler, evolver, httpAuth } = options;

  const reading =
    (
      read: (
        name: string,
        req: Request,
        asCaller: { credentials: BackstageCredentials },
      ) => Promise<unknown>,
    ): RequestHandler =>
    async (req, res) => {
      const credentials = await httpAuth.credentials(req, {
        allow: ['user', 'service'],
      });
      const name = parsePathName(req.params.name);
      res.json(await read(name, req, { credentials }));
    };

  /** Runs a mutation under audit; `change` parses the body and does it. */
  const changing =
    (
      aspect: string,
      change: (
        name: string,
        req: Request,
        asCaller: { credentials: BackstageCredentials },
      ) => Promise<{ result: object; meta: { [key: string]: string } }>,
      status: number = 200,
    ): RequestHandler =>
    async (req: Request, res: Response) => {
      const credentials = await httpAuth.credentials(req, {
        allow: ['user', 'service'],
      });
      const name = parsePathName(req.params.name);
      const result = await audited(
        {
          auditor,
          request: req,
          actionType: 'update',
          eventType: name,
          aspect,
        },
        () => change(name, req, { credentials }),
      );
      res.status(status).json(result);
    };

  return [
    {
      method: 'get',
      path: '/event-types/:name/versions',
      permission: eventTypeReadPermission,
      handler: reading(async (name, _req, asCaller) => ({
        items: await evolver.listSteps({ name }, asCaller),
      })),
    },
    {
      method: 'get',
      path: '/event-types/:name/versions/:from/diff/:to',
      permission: eventTypeReadPermission,
      handler: reading(async (name, req, asCaller) => {
        const from = parseVersionNumber(req.params.from);
        const to = parseVersionNumber(req.params.to);
        if (from === undefined || to === undefined) {
          // Only for who may read the event type.
          await evolver.describe({ name }, asCaller);
          throw new VersionNotFoundError(name, 0);
        }
        return await evolver.diff({ name, from, to }, asCaller);
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/evolution',
      permission: eventTypeReadPermission,
      handler: reading((name, _req, asCaller) =>
        evolver.describe({ name }, asCaller),
      ),
    },
    {
      method: 'post',
      path: '/event-types/:name/verdict',
      permission: eventTypeReadPermission,
      handler: reading((name, req, asCaller) =>
        evolver.judge(
          {
            name,
            read: () => parsePreview({ ...Object(req.body), name }, compiler),
          },
          asCaller,
        ),
      ),
    },
    {
      method: 'post',
      path: '/event-types/:name/versions',
      permission: eventTypeUpdatePermission,
      handler: changing('schema', async (name, req, asCaller) => {
        const schema = await parseNextVersion(req.body, compiler);
        const result = await evolver.publish({ name, schema }, asCaller);
        return { result, meta: { version: String(result.version) } };
      }),
    },
    {
      method: 'put',
      path: '/event-types/:name/compatibility',
      permission: eventTypeUpdatePermission,
      furtherPermission: compatibilityLoosenPermission,
      handler: changing('compatibility', async (name, req, asCaller) => {
        const mode = parseMode(req.body);
        const result = await evolver.setMode({ name, mode }, asCaller);
        return { result, meta: { mode } };
      }),
    },
    {
      method: 'put',
      path: '/event-types/:name/deprecation',
      permission: eventTypeUpdatePermission,
      handler: changing('deprecation', async (name, req, asCaller) => {
        const deprecation = parseDeprecation(req.body);
        const result = await evolver.setDeprecation(
          { name, deprecation },
          asCaller,
        );
        return { result, meta: { outcome: 'deprecated' } };
      }),
    },
    {
      method: 'delete',
      path: '/event-types/:name/deprecation',
      permission: eventTypeUpdatePermission,
      handler: changing('deprecation', async (name, _req, asCaller) => {
        const result = await evolver.setDeprecation(
          { name, deprecation: undefined },
          asCaller,
        );
        return { result, meta: { outcome: 'lifted' } };
      }),
    },
    {
      method: 'post',
      path: '/event-types/:name/majors',
      permission: eventTypeUpdatePermission,
      handler: changing(
        'major-version',
        async (name, req, asCaller) => {
          const request = await parseMajorRequest(req.body, compiler);
          const result = await evolver.requestMajor(
            { name, ...request },
            asCaller,
          );
          return { result, meta: { successor: result.successor } };
        },
        201,
      ),
    },
    {
      method: 'post',
      path: '/event-types/:name/majors/decision',
      permission: breakingChangeApprovePermission,
      handler: changing('major-version', async (name, req, asCaller) => {
        const decision = parseDecision(req.body);
        const result = await evolver.decideMajor(
          { name, ...decision },
          asCaller,
        );
        const { successor, state } = result;
        return { result, meta: { successor, state } };
      }),
    },
    {
      method: 'post',
      path: '/event-types/:name/majors/steps',
      permission: eventTypeUpdatePermission,
      handler: changing('major-version', async (name, req, asCaller) => {
        const step = parseStep(req.body);
        const result = await evolver.takeStep({ name, ...step }, asCaller);
        const { successor, state } = result;
        return { result, meta: { successor, state } };
      }),
    },
  ];
}

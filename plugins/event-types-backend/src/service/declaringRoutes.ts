import type {
  AuditorService,
  BackstageCredentials,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  type Permission,
} from '@backstage/plugin-permission-common';
import {
  type DeclarationDraftList,
  type DeclarationOptions,
  type RetentionClass,
  TIERS,
  eventTypeCreatePermission,
  eventTypeReadPermission,
} from '@millrace/plugin-event-types-common';
import {
  MAX_DESCRIPTION_LENGTH,
  MAX_EVENTS_PER_DAY,
  MAX_TAGS,
  SEMANTIC_TYPES,
} from '@millrace/schema';
import type { Request, RequestHandler, Response } from 'express';
import type { NameDesk } from '../availability';
import type { SchemaCompiler } from '../compiling';
import { exportDeclaration } from '../declarations';
import type { DraftStore } from '../drafts';
import type { EventTypeRegistry } from '../registry';
import type { DeclarationReviewer } from '../review';
import { audited } from './audited';
import type { Route } from './Route';
import {
  parseDraft,
  parseDraftId,
  parsePathName,
  readRegistration,
} from './request';

/** What these routes need beside what all have. */
export interface DeclaringOptions {
  drafts: DraftStore;
  names: NameDesk;
  retentionClasses: readonly RetentionClass[];
  reviewer: DeclarationReviewer;
}

const REVIEW_SOURCES = ['schema', 'fields', 'samples', 'jsonSchema'] as const;

/**
 * The part of the route table for people who are about to declare something.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /declaration-options` | what a declaration may choose from |
 * | `GET /event-types/:name/availability` | whether a name is free, and why not |
 * | `GET /event-types/:name/declaration.yaml` | the declaration as code |
 * | `POST /event-types/review` | what registering would do; writes nothing |
 * | `GET /drafts` | the caller's own drafts, without contents |
 * | `GET /drafts/:id` | one of them |
 * | `PUT /drafts/:id` | saved; the window chooses the id, a UUID |
 * | `DELETE /drafts/:id` | 204, deleted |
 *
 * A review answers 200 whatever is wrong with the declaration: problems are its
 * answer. Drafts are for users, not for programs; those of others do not exist.
 */
export function declaringRoutes(
  options: DeclaringOptions & {
    auditor: AuditorService;
    compiler: SchemaCompiler;
    httpAuth: HttpAuthService;
    permissions: PermissionsService;
    registry: EventTypeRegistry;
  },
): Route[] {
  const { auditor, compiler, drafts, httpAuth, names, permissions } = options;
  const { registry, retentionClasses, reviewer } = options;

  /** For those who could go on to register what they ask about. */
  function forDeclarers(
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
      await assertAllowed(eventTypeCreatePermission, { credentials });
      await handle(req, res, { credentials });
    };
  }

  function forOwnDrafts(
    handle: (req: Request, res: Response, userRef: string) => Promise<void>,
  ): RequestHandler {
    return async (req, res) => {
      const credentials = await httpAuth.credentials(req, { allow: ['user'] });
      await assertAllowed(eventTypeCreatePermission, { credentials });
      await handle(req, res, credentials.principal.userEntityRef);
    };
  }

  async function assertAllowed(
    permission: typeof eventTypeCreatePermission,
    asCaller: { credentials: BackstageCredentials },
  ): Promise<void> {
    const [decision] = await permissions.authorize([{ permission }], asCaller);
    if (decision.result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError('You may not register event types');
    }
  }

  function draftAudited(
    req: Request,
    actionType: 'save' | 'delete',
    id: string,
    run: () => Promise<unknown>,
  ) {
    return audited(
      {
        auditor,
        request: req,
        eventId: 'event-type-draft-mutate',
        severityLevel: 'low',
        actionType,
        subject: { draft: id },
      },
      async () => ({ result: await run(), meta: {} }),
    );
  }

  const create: Permission = eventTypeCreatePermission;
  return [
    {
      method: 'get',
      path: '/declaration-options',
      permission: create,
      handler: forDeclarers(async (_req, res) => {
        const answer: DeclarationOptions = {
          tiers: TIERS,
          retentionClasses: [...retentionClasses],
          semanticTypes: [...SEMANTIC_TYPES],
          limits: {
            descriptionCharacters: MAX_DESCRIPTION_LENGTH,
            tags: MAX_TAGS,
            expectedEventsPerDay: MAX_EVENTS_PER_DAY,
          },
        };
        res.json(answer);
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/availability',
      permission: create,
      handler: forDeclarers(async (req, res, asCaller) => {
        res.json(await names.check(req.params.name, asCaller));
      }),
    },
    {
      method: 'get',
      path: '/event-types/:name/declaration.yaml',
      permission: eventTypeReadPermission,
      handler: async (req, res) => {
        const credentials = await httpAuth.credentials(req, {
          allow: ['user', 'service'],
        });
        const name = parsePathName(req.params.name);
        const eventType = await registry.get({ name }, { credentials });
        res
          .type('application/yaml')
          .set(
            'Content-Disposition',
            `attachment; filename="${eventType.name}.yaml"`,
          )
          .send(exportDeclaration(eventType));
      },
    },
    {
      method: 'post',
      path: '/event-types/review',
      permission: create,
      handler: forDeclarers(async (req, res, asCaller) => {
        const read = await readRegistration(
          req.body,
          { compiler, retentionClasses: retentionClasses.map(({ id }) => id) },
          REVIEW_SOURCES,
        );
        res.json(await reviewer.review(read, asCaller));
      }),
    },
    {
      method: 'get',
      path: '/drafts',
      permission: create,
      handler: forOwnDrafts(async (_req, res, userRef) => {
        const list: DeclarationDraftList = {
          items: await drafts.list(userRef),
        };
        res.json(list);
      }),
    },
    {
      method: 'get',
      path: '/drafts/:id',
      permission: create,
      handler: forOwnDrafts(async (req, res, userRef) => {
        res.json(await drafts.get(userRef, parseDraftId(req.params.id)));
      }),
    },
    {
      method: 'put',
      path: '/drafts/:id',
      permission: create,
      handler: forOwnDrafts(async (req, res, userRef) => {
        const id = parseDraftId(req.params.id);
        const saved = await draftAudited(req, 'save', id, () =>
          drafts.save(userRef, id, parseDraft(req.body)),
        );
        res.json(saved);
      }),
    },
    {
      method: 'delete',
      path: '/drafts/:id',
      permission: create,
      handler: forOwnDrafts(async (req, res, userRef) => {
        const id = parseDraftId(req.params.id);
        await draftAudited(req, 'delete', id, () => drafts.delete(userRef, id));
        res.status(204).end();
      }),
    },
  ];
}

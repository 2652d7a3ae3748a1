import type {
  AuditorService,
  AuthService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import type { Permission } from '@backstage/plugin-permission-common';
import {
  eventTypeReadPermission,
  eventTypeUpdatePermission,
} from '@millrace/plugin-event-types-common';
import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { audited } from '../service/audited';
import type { NumberedSchema } from './SchemaNumbers';
import type { Caller, RecordChange, SchemaRegistry } from './SchemaRegistry';
import { authenticate } from './authenticate';
import { COMPATIBILITY_LEVELS, levelOf, modeOf } from './compatibility';
import { ProtocolError } from './errors';
import {
  parseGuid,
  parseSchemaId,
  parseVersion,
  queryText,
} from './parseRequest';
import { parseSchemaBody, refuseOwnNumbers } from './parseSchemaBody';
import { SCHEMA_KINDS } from './schemaText';
import { eventTypeOfSubject, subjectOf } from './subjects';

/** The media type of every answer. */
export const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json';

/** One row of the route table of the protocol. */
export interface RegistryRoute {
  method: 'get' | 'post' | 'put' | 'delete';
  path: string;
  /**
   * Without it the route answers 403, 404 or an empty list; `none` for what is
   * the same for everybody who has a token.
   */
  permission: Permission | 'none';
  handler: RequestHandler;
}

/** What the routes need. */
export interface RegistryRouteOptions {
  auditor: AuditorService;
  auth: AuthService;
  httpAuth: HttpAuthService;
  schemas: SchemaRegistry;
}

type Answer = (
  req: Request,
  caller: Caller,
  recordChange: RecordChange,
) => Promise<unknown>;

const levelBody = z.object({ compatibility: z.string().max(50) });

/**
 * The Confluent Schema Registry's REST API over the registry of event types, as
 * far as its clients call it.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /subjects` | a subject of each readable event type |
 * | `GET …/:subject/versions`, `…/:version`, `…/:version/schema` | versions |
 * | `POST /subjects/:subject/versions` | registers; 409 names the field |
 * | `POST /subjects/:subject` | the number of a schema that is registered |
 * | `GET /schemas/ids/:id`, `…/schema`, `…/subjects`, `…/versions`, `/schemas/guids/:guid` | a schema by its number |
 * | `POST /compatibility/subjects/:subject/versions[/:version]` | `?verbose=true` says why not |
 * | `GET /config`, `/config/:subject`, `/mode`, `/mode/:subject` | what is in force |
 * | `PUT /config/:subject` | makes the mode stricter, never looser |
 * | `PUT /config`, `/mode…`, `DELETE …`, `POST /associations` | refused with 42205, unless it asks for what is in force |
 *
 * Every caller needs a token; permissions are those of the portal's routes, and
 * a subject that may not be read looks like one that is not there. Errors carry
 * `error_code` and `message`; see `PROTOCOL_ERRORS`. Registering is idempotent
 * and, where it changes anything, audited whether it succeeds or not.
 */
export function createRegistryRoutes(
  options: RegistryRouteOptions,
): RegistryRoute[] {
  const { auditor, schemas } = options;

  function answering(answer: Answer): RequestHandler {
    return async (req, res) => {
      const credentials = await authenticate(req, options);
      const recordChange: RecordChange = (change, run) =>
        audited({ auditor, request: req, ...change }, run);
      const body = await answer(req, { credentials }, recordChange);
      res.type(MEDIA_TYPE).send(JSON.stringify(body));
    };
  }

  /** Refuses, and leaves a trace of who asked for it. */
  const refusing = (why: string): RequestHandler =>
    answering(async (req, caller, recordChange) => {
      const { subject } = req.params;
      if (subject !== undefined) {
        await schemas.eventType(subject, caller);
      }
      return await recordChange(
        {
          actionType: 'update',
          eventType: subject === undefined ? '*' : eventTypeOfSubject(subject),
        },
        async () => {
          throw new ProtocolError('notPermitted', why);
        },
      );
    });

  const setLevel = answering(async (req, caller, recordChange) => {
    const { subject } = req.params;
    const wanted = levelBody.safeParse(req.body);
    const mode = wanted.success ? modeOf(wanted.data.compatibility) : undefined;
    if (mode === undefined) {
      throw new ProtocolError(
        'invalidCompatibilityLevel',
        `Invalid compatibility level: give one of ${COMPATIBILITY_LEVELS.join(
          ', ',
        )}`,
      );
    }
    if (subject !== undefined) {
      const set = await schemas.tighten(subject, mode, caller, recordChange);
      return { compatibility: levelOf(set) };
    }
    const inForce = await schemas.mode(undefined, caller);
    if (mode === inForce) {
      return { compatibility: levelOf(inForce) };
    }
    return await recordChange(
      { actionType: 'update', eventType: '*', aspect: 'compatibility' },
      async () => {
        throw new ProtocolError(
          'notPermitted',
          `New event types begin with ${levelOf(
            inForce,
          )}; set the level of a subject instead`,
        );
      },
    );
  });

  const read = (path: string, answer: Answer): RegistryRoute => ({
    method: 'get',
    path,
    permission: eventTypeReadPermission,
    handler: answering(answer),
  });
  const open = (path: string, body: unknown): RegistryRoute => ({
    method: 'get',
    path,
    permission: 'none',
    handler: answering(async () => body),
  });
  const change = (
    method: 'post' | 'put' | 'delete',
    path: string,
    handler: RequestHandler,
  ): RegistryRoute => ({
    method,
    path,
    permission: eventTypeUpdatePermission,
    handler,
  });

  const versionsNeverChange = refusing(
    'Versions never change and are not deleted: data that was written with them is still there',
  );
  const levelIsGiven = refusing(
    'A client does not change how an event type may change; its owner does',
  );
  const modeIsGiven = refusing(
    'There are no modes to set: an event type is read-only here when it is declared in a repository',
  );
  const noAssociations = refusing(
    'Associations are not kept: the subject of a topic is its name and -value',
  );

  const compatibility: Answer = async (req, caller) => {
    const { subject, version } = req.params;
    const objections = await schemas.objections(
      subject,
      version === undefined ? 'all' : parseVersion(version),
      parseSchemaBody(req.body),
      caller,
    );
    return {
      is_compatible: objections.length === 0,
      ...(req.query.verbose === 'true' && {
        messages: objections.map(
          each =>
            `${each.code} at ${each.pointer}, against version ${each.version}: ${each.message}. ${each.reason}`,
        ),
      }),
    };
  };

  return [
    open('/', {}),
    open('/contexts', ['.']),
    open('/schemas/types', SCHEMA_KINDS),

    read('/subjects', async (req, caller) => {
      const prefix = queryText(req.query.subjectPrefix) ?? '';
      const names = await schemas.listEventTypes(caller);
      return names.map(subjectOf).filter(each => each.startsWith(prefix));
    }),
    read('/subjects/:subject/versions', async (req, caller) => {
      const { version } = await schemas.eventType(req.params.subject, caller);
      return Array.from({ length: version }, (_, index) => index + 1);
    }),
    read('/subjects/:subject/versions/:version', async (req, caller) => {
      const { subject } = req.params;
      const { schema, version } = await schemas.version(
        subject,
        parseVersion(req.params.version),
        caller,
      );
      return { subject, ...describe(schema), version };
    }),
    read('/subjects/:subject/versions/:version/schema', async (req, caller) => {
      const { schema } = await schemas.version(
        req.params.subject,
        parseVersion(req.params.version),
        caller,
      );
      return JSON.parse(schema.content);
    }),
    read(
      '/subjects/:subject/versions/:version/referencedby',
      async (req, caller) => {
        await schemas.version(
          req.params.subject,
          parseVersion(req.params.version),
          caller,
        );
        return [];
      },
    ),
    read('/subjects/:subject/metadata', async (req, caller) => {
      await schemas.eventType(req.params.subject, caller);
      throw new ProtocolError(
        'notPermitted',
        'Versions have no metadata to be found by: ask for a version number or for the latest',
      );
    }),

    read('/schemas/ids/:id', async (req, caller) => {
      const { schema } = await byId(req, caller);
      return describeText(schema);
    }),
    read('/schemas/ids/:id/schema', async (req, caller) => {
      const { schema } = await byId(req, caller);
      return JSON.parse(schema.content);
    }),
    read('/schemas/ids/:id/subjects', async (req, caller) => {
      const { schema } = await byId(req, caller);
      return [subjectOf(schema.eventType)];
    }),
    read('/schemas/ids/:id/versions', async (req, caller) => {
      const { schema, versions } = await byId(req, caller);
      return versions.map(version => ({
        subject: subjectOf(schema.eventType),
        version,
      }));
    }),
    read('/schemas/guids/:guid', async (req, caller) => {
      const guid = parseGuid(req.params.guid);
      const { schema } = await schemas.schema({ guid }, caller);
      return describeText(schema);
    }),
    // Clients ask whether a topic has a subject of another name before they
    // fall back to the topic's own.
    read('/associations/resources/:namespace/:name', async () => []),

    read('/config', async (_req, caller) => ({
      compatibilityLevel: levelOf(await schemas.mode(undefined, caller)),
    })),
    read('/config/:subject', async (req, caller) => ({
      compatibilityLevel: levelOf(
        await schemas.mode(req.params.subject, caller),
      ),
    })),
    open('/mode', { mode: 'READWRITE' }),
    read('/mode/:subject', async (req, caller) => {
      const { origin, retiredAt } = await schemas.eventType(
        req.params.subject,
        caller,
      );
      const isReadOnly = origin === 'catalog' || retiredAt !== undefined;
      return { mode: isReadOnly ? 'READONLY' : 'READWRITE' };
    }),

    {
      method: 'post',
      path: '/subjects/:subject',
      permission: eventTypeReadPermission,
      handler: answering(async (req, caller) => {
        const { subject } = req.params;
        const schema = await schemas.lookUp(
          subject,
          parseSchemaBody(req.body),
          caller,
        );
        return { subject, ...describe(schema) };
      }),
    },
    {
      method: 'post',
      path: '/compatibility/subjects/:subject/versions',
      permission: eventTypeReadPermission,
      handler: answering(compatibility),
    },
    {
      method: 'post',
      path: '/compatibility/subjects/:subject/versions/:version',
      permission: eventTypeReadPermission,
      handler: answering(compatibility),
    },
    change(
      'post',
      '/subjects/:subject/versions',
      answering(async (req, caller, recordChange) => {
        refuseOwnNumbers(req.body);
        const schema = await schemas.register(
          req.params.subject,
          parseSchemaBody(req.body),
          caller,
          recordChange,
        );
        return describe(schema);
      }),
    ),
    change('put', '/config', setLevel),
    change('put', '/config/:subject', setLevel),
    change('delete', '/config', levelIsGiven),
    change('delete', '/config/:subject', levelIsGiven),
    change('put', '/mode', modeIsGiven),
    change('put', '/mode/:subject', modeIsGiven),
    change('delete', '/mode/:subject', modeIsGiven),
    change('delete', '/subjects/:subject', versionsNeverChange),
    change(
      'delete',
      '/subjects/:subject/versions/:version',
      versionsNeverChange,
    ),
    change('post', '/associations', noAssociations),
    change('put', '/associations', noAssociations),
    change('delete', '/associations/resources/:resource', noAssociations),
  ];

  async function byId(req: Request, caller: Caller) {
    return await schemas.schema(
      { id: parseSchemaId(req.params.id) },
      caller,
      queryText(req.query.subject),
    );
  }
}

/** The type is left out for Avro, as clients older than other types expect. */
function describeText({ kind, content, guid }: NumberedSchema) {
  return {
    schema: content,
    ...(kind !== 'AVRO' && { schemaType: kind }),
    guid,
  };
}

function describe(schema: NumberedSchema) {
  const { id, version } = schema;
  return { id, version, ...describeText(schema) };
}

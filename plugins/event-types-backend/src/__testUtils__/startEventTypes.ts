import {
  type BackendFeature,
  type BackstageCredentials,
  coreServices,
  createBackendModule,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import type { EventParams } from '@backstage/plugin-events-node';
import {
  AuthorizeResult,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import type { JsonObject } from '@backstage/types';
import {
  type ReadersOf,
  eventTypesReadersExtensionPoint,
} from '@millrace/plugin-event-types-node';
import type { Knex } from 'knex';
import eventTypesPlugin from '..';

/** Decides by the name of the permission and the user asking, if any. */
export type TestPolicy = (
  permission: string,
  userEntityRef: string | undefined,
) => PolicyDecision;

export const ALLOW: PolicyDecision = { result: AuthorizeResult.ALLOW };
export const DENY: PolicyDecision = { result: AuthorizeResult.DENY };

/** Allowed for the event types one of the claims owns. */
export function ifOwner(...claims: string[]): PolicyDecision {
  return {
    result: AuthorizeResult.CONDITIONAL,
    pluginId: 'event-types',
    resourceType: 'event-type',
    conditions: {
      rule: 'IS_OWNER',
      resourceType: 'event-type',
      params: { claims },
    },
  };
}

/** An entry of the audit log. */
export interface AuditEntry {
  eventId: string;
  meta: { [key: string]: unknown };
  outcome: 'success' | 'fail';
}

function userOf(credentials: BackstageCredentials): string | undefined {
  const principal: unknown = credentials.principal;
  if (typeof principal === 'object' && principal !== null) {
    const ref: unknown = Reflect.get(principal, 'userEntityRef');
    return typeof ref === 'string' ? ref : undefined;
  }
  return undefined;
}

/**
 * The plugin on a real database, with the catalog, the policy and the clock of
 * the intake in the hands of the test.
 */
export async function startEventTypes(options: {
  knex: Knex;
  policy: TestPolicy;
  entities?: Entity[];
  /** Configuration of the backend. */
  config?: JsonObject;
  /** Who reads, as a module of the lineage would say. */
  readersOf?: ReadersOf;
  /** Services in place of those of the test backend. */
  features?: BackendFeature[];
}) {
  let entities = options.entities ?? [];
  const published: EventParams[] = [];
  const audited: AuditEntry[] = [];
  const scheduler = mockServices.scheduler();

  const decide = async (
    queries: Array<{ permission: { name: string } }>,
    { credentials }: { credentials: BackstageCredentials },
  ) =>
    queries.map(query =>
      options.policy(query.permission.name, userOf(credentials)),
    );

  const backend = await startTestBackend({
    features: [
      eventTypesPlugin,
      ...(options.features ?? []),
      ...(options.readersOf ? [readersModule(options.readersOf)] : []),
      mockServices.database.factory({ knex: options.knex }),
      mockServices.rootConfig.factory({ data: options.config ?? {} }),
      mockServices.permissions.mock({
        authorizeConditional: decide,
        authorize: async (requests, requestOptions) => {
          const decisions = await decide(requests, requestOptions);
          return decisions.map(({ result }) => ({
            result:
              result === AuthorizeResult.ALLOW
                ? AuthorizeResult.ALLOW
                : AuthorizeResult.DENY,
          }));
        },
      }).factory,
      mockServices.events.mock({
        publish: async event => {
          published.push(event);
        },
      }).factory,
      mockServices.auditor.mock({
        createEvent: async ({ eventId, meta = {} }) => ({
          success: async result => {
            const all = { ...meta, ...result?.meta };
            audited.push({ eventId, meta: all, outcome: 'success' });
          },
          fail: async () => {
            audited.push({ eventId, meta, outcome: 'fail' });
          },
        }),
      }).factory,
      createServiceFactory({
        service: coreServices.scheduler,
        deps: {},
        factory: () => scheduler,
      }),
      createServiceFactory({
        service: catalogServiceRef,
        deps: {},
        factory: () =>
          catalogServiceMock.mock({
            getEntityByRef: async (...args) =>
              catalogServiceMock({ entities }).getEntityByRef(...args),
            getEntitiesByRefs: async (...args) =>
              catalogServiceMock({ entities }).getEntitiesByRefs(...args),
            streamEntities: (...args) =>
              catalogServiceMock({ entities }).streamEntities(...args),
          }),
      }),
    ],
  });

  return {
    server: backend.server,
    stop: () => backend.stop(),
    published,
    audited,
    scheduler,
    /** Replaces what is in the catalog. */
    setEntities(next: Entity[]) {
      entities = next;
    },
    /** Runs one pass of the catalog intake. */
    takeIn: () => scheduler.triggerTask('take-in-declarations'),
  };
}

function readersModule(readersOf: ReadersOf) {
  return createBackendModule({
    pluginId: 'event-types',
    moduleId: 'readers',
    register(env) {
      env.registerInit({
        deps: { readers: eventTypesReadersExtensionPoint },
        async init({ readers }) {
          readers.setReadersOf(readersOf);
        },
      });
    },
  });
}

/** A group of the default namespace. */
export function group(name: string): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Group',
    metadata: { name, namespace: 'default' },
    spec: { type: 'team', children: [] },
  };
}

/** A declaration as YAML beside the code would make it. */
export function declared(
  name: string,
  options: {
    schema: unknown;
    owner?: string;
    etag?: string;
    namespace?: string;
    description?: string;
    annotations?: { [key: string]: string };
    metadata?: JsonObject;
    spec?: JsonObject;
  },
): Entity {
  const { namespace = 'default', etag, description = 'It happened' } = options;
  return {
    apiVersion: 'millrace.io/v1alpha1',
    kind: 'EventType',
    metadata: {
      name,
      namespace,
      description,
      etag,
      annotations: {
        'backstage.io/managed-by-location': `url:https://code.example/${name}.yaml`,
        ...options.annotations,
      },
      ...options.metadata,
    },
    spec: {
      owner: options.owner ?? 'group:default/webhooks',
      schema: JSON.parse(JSON.stringify(options.schema)),
      ...options.spec,
    },
  };
}

/** An Avro record with the given fields. */
export function record(...fields: object[]) {
  return { type: 'record', name: 'Push', fields };
}

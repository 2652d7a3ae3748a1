import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  type BackendFeature,
  type BackstageCredentials,
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockServices,
  startTestBackend,
  type TestDatabases,
} from '@backstage/backend-test-utils';
import type {
  EventParams,
  EventsServiceSubscribeOptions,
} from '@backstage/plugin-events-node';
import {
  type NotificationSendOptions,
  notificationService,
} from '@backstage/plugin-notifications-node';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { createLedgerClient, readConfigSnapshot } from '@millrace/ledger';
import type { EventType } from '@millrace/plugin-event-types-common';
import { eventTypesServiceRef } from '@millrace/plugin-event-types-node';
import request from 'supertest';
import deliveryPlugin from '..';
import { createLine } from './createLine';
import {
  asIdentity,
  decide,
  type Identity,
  ownershipOf,
  userOf,
} from './identities';
import { connectionStringOf } from './ledgerUrl';
import { PROJECT_ID, startTestBroker } from './startTestBroker';
import { until } from './until';

/** An entry of the audit log. */
export interface AuditEntry {
  eventId: string;
  meta: { [key: string]: unknown };
  outcome: 'success' | 'fail';
}

/**
 * The plugin, in external mode unless told otherwise, on a real ledger, a real broker and a real lake.
 * The event types family is another plugin: it is replaced at its service.
 */
export async function startDelivery(options: {
  databases: TestDatabases;
  eventTypes: EventType[];
  /** Types that nobody but the platform team may read. */
  hidden?: string[];
  /** Program and arguments of the roles: starts the plugin in embedded mode. */
  embeddedCommand?: string[];
  /** Length of a partition. Default a minute. */
  bucket?: string;
  /** Where the lake is. Default: a folder of its own. */
  lakeRoot?: string;
  /** Services in place of those of the test backend. */
  features?: BackendFeature[];
}) {
  const root = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-delivery-'));
  const lakeRoot = options.lakeRoot ?? path.join(root, 'lake');
  const portalDb = await options.databases.init('POSTGRES_18');
  const ledgerDb = await options.databases.init('POSTGRES_18');
  const { host, port } = ledgerDb.client.config.connection;
  const line = await createLine({ host, port: Number(port) });

  const broker = await startTestBroker();

  const declared = [...options.eventTypes];
  const readableBy = (credentials: BackstageCredentials) => {
    const user = userOf(credentials);
    return declared.filter(
      ({ name }) =>
        user === undefined ||
        user === 'user:default/platform' ||
        !options.hidden?.includes(name),
    );
  };
  const subscribers: EventsServiceSubscribeOptions[] = [];
  const published: EventParams[] = [];
  const audited: AuditEntry[] = [];
  const archived: string[] = [];
  const notified: NotificationSendOptions[] = [];
  const logger = mockServices.logger.mock();

  const backend = await startTestBackend({
    features: [
      deliveryPlugin,
      ...(options.features ?? []),
      mockServices.database.factory({ knex: portalDb }),
      mockServices.rootConfig.factory({
        data: {
          permission: {
            dataPlatform: { platformTeam: 'group:default/platform-team' },
          },
          delivery: {
            mode: options.embeddedCommand ? 'embedded' : 'external',
            bucket: options.bucket ?? 'PT1M',
            projectId: PROJECT_ID,
            broker: { address: broker.address },
            gateway: { url: 'http://localhost:7008' },
            ledger: { connection: connectionStringOf(ledgerDb, line) },
            lake: { root: lakeRoot },
            dataDir: root,
            staging: { dir: path.join(root, 'staging') },
            embedded: { command: options.embeddedCommand },
          },
        },
      }),
      createServiceFactory({
        service: coreServices.logger,
        deps: {},
        factory: () => logger,
      }),
      createServiceFactory({
        service: notificationService,
        deps: {},
        factory: () => ({
          send: async notification => {
            notified.push(notification);
          },
        }),
      }),
      mockServices.permissions.mock({
        authorizeConditional: async (queries, { credentials }) =>
          queries.map(({ permission }) => decide(permission, credentials)),
        authorize: async (queries, { credentials }) =>
          queries.map(({ permission }) => ({
            result:
              decide(permission, credentials).result === AuthorizeResult.ALLOW
                ? AuthorizeResult.ALLOW
                : AuthorizeResult.DENY,
          })),
      }).factory,
      mockServices.userInfo.mock({
        getUserInfo: async credentials => ({
          userEntityRef: userOf(credentials) ?? '',
          ownershipEntityRefs: ownershipOf(credentials),
        }),
      }).factory,
      mockServices.events.mock({
        subscribe: async subscriber => {
          subscribers.push(subscriber);
        },
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
        service: eventTypesServiceRef,
        deps: {},
        factory: () => ({
          listEventTypes: async (_request, { credentials }) =>
            readableBy(credentials),
          getEventType: async ({ name }, { credentials }) => {
            if (options.hidden?.includes(name) && !isPlatform(credentials)) {
              throw Object.assign(new Error('Forbidden'), { statusCode: 403 });
            }
            return readableBy(credentials).find(type => type.name === name);
          },
          archiveEventType: async ({ name }) => {
            archived.push(name);
            const index = declared.findIndex(type => type.name === name);
            declared.splice(index, index < 0 ? 0 : 1);
          },
        }),
      }),
    ],
  });
  const ledger = createLedgerClient({
    connectionString: connectionStringOf(ledgerDb),
  });

  // Delivery can only be judged once the first round is through.
  await until(async () => (await readConfigSnapshot(ledger)) !== undefined);

  return {
    server: backend.server,
    /** A request as somebody. */
    api: (
      method: 'get' | 'post' | 'delete',
      url: string,
      as: Identity = 'owner',
    ) =>
      request(backend.server)
        [method](`/api/delivery${url}`)
        .set('Authorization', asIdentity(as)),
    /** For arranging and looking; the plugin's own goes over the line. */
    ledger,
    line,
    broker,
    lakeRoot,
    logger,
    audited,
    /** Event types that the registry was asked to put away. */
    archived,
    notified,
    /** On the events service. */
    published,
    /** Declares an event type, anew or otherwise, and tells so as its family does. */
    async declare(type: EventType) {
      const index = declared.findIndex(({ name }) => name === type.name);
      declared.splice(
        index < 0 ? declared.length : index,
        index < 0 ? 0 : 1,
        type,
      );
      const event: EventParams = {
        topic: 'event-types',
        eventPayload: { action: 'changed', name: type.name },
      };
      const listening = subscribers.filter(({ topics }) =>
        topics.includes(event.topic),
      );
      expect(listening).toHaveLength(1);
      await Promise.all(listening.map(({ onEvent }) => onEvent(event)));
    },
    async stop() {
      await backend.stop();
      await Promise.all([broker.stop(), ledger.destroy(), line.close()]);
      await fs.rm(root, { recursive: true, force: true });
    },
  };
}

export type RunningDelivery = Awaited<ReturnType<typeof startDelivery>>;

function isPlatform(credentials: BackstageCredentials): boolean {
  const user = userOf(credentials);
  return user === undefined || user === 'user:default/platform';
}

import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import type { EventType } from '@millrace/plugin-event-types-common';
import { eventTypesServiceRef } from '@millrace/plugin-event-types-node';
import catalogModuleDataPlatform from '.';
import { eventType } from './__testUtils__/eventType';

jest.setTimeout(120_000);

const DECLARATION = `apiVersion: millrace.io/v1alpha1
kind: EventType
metadata: { name: push }
spec: { owner: webhooks, schema: { type: record, name: push, fields: [] } }
`;

const PLACEHOLDER = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: placeholder }
spec: { type: service, lifecycle: production, owner: webhooks }
`;

/**
 * The real catalog decides whether a file may replace an entity of the portal:
 * this is what adopting an event type rests on.
 */
describe('an entity of the portal in the catalog', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let folder: string;

  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-takeover-'));
  });
  afterEach(() => fs.rm(folder, { recursive: true }));

  it('gives way to a file that declares it, and comes back when the file is gone', async () => {
    const file = path.join(folder, 'event-types.yaml');
    await fs.writeFile(file, PLACEHOLDER);
    let registered: EventType[] = [eventType()];
    const scheduler = mockServices.scheduler();
    const backend = await startTestBackend({
      features: [
        catalogPlugin,
        catalogModuleDataPlatform,
        mockServices.database.factory({
          knex: await databases.init('POSTGRES_18'),
        }),
        mockServices.rootConfig.factory({
          data: {
            catalog: {
              processingInterval: { seconds: 1 },
              rules: [{ allow: ['Component', 'EventType', 'DataEndpoint'] }],
              locations: [{ type: 'file', target: file }],
              providers: { eventTypes: { interval: { seconds: 1 } } },
            },
          },
        }),
        createServiceFactory({
          service: coreServices.scheduler,
          deps: {},
          factory: () => scheduler,
        }),
        createServiceFactory({
          service: eventTypesServiceRef,
          deps: {},
          factory: () => ({
            listEventTypes: async () => registered,
            getEventType: async () => registered[0],
            archiveEventType: async () => {},
          }),
        }),
      ],
    });
    const deadline = Date.now() + 90_000;
    /** Asks until the entity is as it should be. */
    const until = async (is: (entity: Entity) => boolean): Promise<Entity> => {
      for (;;) {
        const answer = await fetch(
          `http://127.0.0.1:${backend.server.port()}/api/catalog/entities/by-name/eventtype/default/push`,
          { headers: { authorization: mockCredentials.service.header() } },
        );
        const { status } = answer;
        const body = await answer.json();
        if (status === 200 && is(body)) {
          return body;
        }
        if (Date.now() > deadline) {
          throw new Error(`Still ${status} ${JSON.stringify(body)}`);
        }
      }
    };
    const isOfPortal = ({ metadata }: Entity) =>
      metadata.annotations?.['millrace.io/origin'] === 'portal';
    const refresh = () => scheduler.triggerTask('refresh-event-type-entities');
    try {
      await refresh();
      await until(isOfPortal);

      await fs.writeFile(file, `${PLACEHOLDER}---\n${DECLARATION}`);
      const declared = await until(entity => !isOfPortal(entity));
      expect(declared.metadata.annotations).toMatchObject({
        'backstage.io/managed-by-location': `file:${file}`,
      });
      expect(declared.spec).toHaveProperty('schema');

      // The intake has adopted it: the portal lets go, and it stays the file's.
      registered = [eventType({ origin: 'catalog', generation: 6 })];
      await refresh();
      const relations = ({ relations: all = [] }: Entity) =>
        all.map(({ type, targetRef }) => `${type} ${targetRef}`);
      const adopted = await until(entity =>
        relations(entity).includes('deliversTo dataendpoint:default/push'),
      );
      expect(isOfPortal(adopted)).toBe(false);

      // The file is gone, and the intake has noticed: the portal shows it again.
      await fs.writeFile(file, PLACEHOLDER);
      registered = [
        eventType({
          origin: 'catalog',
          orphanedAt: '2026-11-21T00:00:00.000Z',
        }),
      ];
      await until(
        ({ metadata }) =>
          metadata.annotations?.['backstage.io/orphan'] === 'true',
      );
      // What the catalog does by itself with what nothing refers to.
      await scheduler.triggerTask('catalog_orphan_cleanup');
      await refresh();
      const orphan = await until(isOfPortal);
      expect(orphan.metadata.annotations).toMatchObject({
        'millrace.io/orphaned-at': '2026-11-21T00:00:00.000Z',
      });
      expect(orphan.spec).not.toHaveProperty('schema');
    } finally {
      await backend.stop();
    }
  });
});

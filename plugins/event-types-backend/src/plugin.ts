import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { eventTypesPermissions } from '@millrace/plugin-event-types-common';
import {
  type ReadersOf,
  eventTypeResourceRef,
  eventTypesReadersExtensionPoint,
  isEventTypeOwner,
} from '@millrace/plugin-event-types-node';
import { registerActions } from './actions';
import { WorkerSchemaCompiler } from './compiling';
import { REGISTRY_PATH } from './confluent';
import { NameDesk } from './availability';
import {
  readBucketSecondsFromConfig,
  readGraceMsFromConfig,
  readIntakeIntervalFromConfig,
  readOrphanAfterMsFromConfig,
  readRetentionClassesFromConfig,
} from './config';
import { migrateDatabase } from './database/migrate';
import { listEventTypeResources } from './database/operations/eventTypes/listEventTypeResources';
import { CatalogIntake } from './declarations';
import {
  DeclarationImporter,
  DeclarationReader,
  createImportRouter,
} from './declarations/importing';
import { DraftStore } from './drafts';
import {
  AuthorizedEventTypeEvolver,
  DefaultEventTypeEvolver,
} from './evolution';
import {
  AuthorizedEventTypeRegistry,
  DefaultEventTypeRegistry,
} from './registry';
import { AuthorizedEventTypeFinder, DefaultEventTypeFinder } from './search';
import { createProtocolRouter } from './service/createProtocolRouter';
import { DeclarationReviewer, OwnerGate } from './review';
import { createRouter } from './service/createRouter';
import { WithdrawalDesk } from './withdrawing';

/**
 * Registers event types, stores their versions, and takes in the declarations
 * of the catalog.
 *
 * @public
 */
export const eventTypesPlugin = createBackendPlugin({
  pluginId: 'event-types',
  register(env) {
    let readersOf: ReadersOf | undefined;
    env.registerExtensionPoint(eventTypesReadersExtensionPoint, {
      setReadersOf(implementation) {
        if (readersOf) {
          throw new Error('Somebody tells who reads event types already');
        }
        readersOf = implementation;
      },
    });
    env.registerInit({
      deps: {
        actions: actionsRegistryServiceRef,
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        events: eventsServiceRef,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        scheduler: coreServices.scheduler,
        userInfo: coreServices.userInfo,
      },
      async init({
        actions,
        auditor,
        auth,
        catalog,
        config,
        database,
        events,
        httpAuth,
        httpRouter,
        lifecycle,
        logger,
        permissions,
        permissionsRegistry,
        scheduler,
        userInfo,
      }) {
        const intakeInterval = readIntakeIntervalFromConfig(config);
        const orphanAfterMs = readOrphanAfterMsFromConfig(config);
        const retentionClasses = readRetentionClassesFromConfig(config);
        const bucketSeconds = readBucketSecondsFromConfig(config);
        const db = await migrateDatabase(database);

        const compiler = new WorkerSchemaCompiler({ logger });
        lifecycle.addShutdownHook(() => compiler.stop());

        permissionsRegistry.addResourceType({
          resourceRef: eventTypeResourceRef,
          permissions: eventTypesPermissions,
          rules: [isEventTypeOwner],
          getResources: names => listEventTypeResources(db, { names }),
        });

        const ruleset =
          permissionsRegistry.getPermissionRuleset(eventTypeResourceRef);
        const registry = new AuthorizedEventTypeRegistry({
          registry: new DefaultEventTypeRegistry({
            db,
            auth,
            catalog,
            events,
            logger,
          }),
          permissions,
          ruleset,
        });
        const evolver = new AuthorizedEventTypeEvolver({
          evolver: new DefaultEventTypeEvolver({
            db,
            auth,
            events,
            logger,
            readersOf: () => readersOf,
          }),
          registry,
          permissions,
        });
        const finder = new AuthorizedEventTypeFinder({
          auth,
          finder: new DefaultEventTypeFinder({ db }),
          permissions,
          ruleset,
          userInfo,
        });
        // It asks for credentials by itself; see createRegistryRouter.
        httpRouter.addAuthPolicy({
          path: REGISTRY_PATH,
          allow: 'unauthenticated',
        });
        httpRouter.use(
          createProtocolRouter({
            auditor,
            auth,
            compiler,
            config,
            db,
            evolver,
            httpAuth,
            lifecycle,
            logger,
            registry,
          }),
        );
        const withdrawals = new WithdrawalDesk({
          db,
          auditor,
          auth,
          events,
          logger,
          permissions,
          registry,
          graceMs: readGraceMsFromConfig(config),
        });
        const names = new NameDesk({ db, catalog, permissions, ruleset });
        const drafts = new DraftStore({ db });
        const reviewer = new DeclarationReviewer({
          catalog,
          names,
          owners: new OwnerGate({ permissions, ruleset }),
          registry,
          retentionClasses,
          bucketSeconds,
        });
        const reader = new DeclarationReader({ logger });
        lifecycle.addShutdownHook(() => reader.stop());
        httpRouter.use(
          createImportRouter({
            auditor,
            httpAuth,
            importer: new DeclarationImporter({
              compiler,
              evolver,
              permissions,
              reader,
              registry,
              retentionClasses: retentionClasses.map(({ id }) => id),
              reviewer,
            }),
          }),
        );
        httpRouter.use(
          createRouter({
            auditor,
            compiler,
            evolver,
            finder,
            httpAuth,
            permissions,
            registry,
            withdrawals,
            declaring: {
              drafts,
              names,
              retentionClasses,
              reviewer,
            },
          }),
        );

        registerActions(actions, {
          auditor,
          auth,
          compiler,
          drafts,
          finder,
          permissions,
          registry,
        });

        const intake = new CatalogIntake({
          db,
          auth,
          auditor,
          catalog,
          compiler,
          events,
          logger,
          settings: {
            retentionClasses: retentionClasses.map(({ id }) => id),
            orphanAfterMs,
          },
        });
        await scheduler.scheduleTask({
          id: 'delete-expired-drafts',
          scope: 'global',
          frequency: { hours: 6 },
          timeout: { minutes: 5 },
          fn: async () => {
            await drafts.deleteExpired();
          },
        });
        await scheduler.scheduleTask({
          id: 'end-grace-periods',
          // One statement on an index, safe to run anywhere at any time.
          scope: 'local',
          frequency: { seconds: 5 },
          timeout: { minutes: 1 },
          fn: () => withdrawals.endGracePeriods(),
        });
        await scheduler.scheduleTask({
          id: 'take-in-declarations',
          // A pass is cheap and safe to run anywhere at any time, so every
          // instance runs its own, and a crashed one leaves no lock behind.
          scope: 'local',
          frequency: intakeInterval,
          timeout: { minutes: 5 },
          fn: () => intake.run(),
        });
      },
    });
  },
});

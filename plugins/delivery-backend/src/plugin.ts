import { randomUUID } from 'node:crypto';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { LocalLakeStore } from '@millrace/lake';
import { createLedgerClient, migrateLedger } from '@millrace/ledger';
import { deliveryPermissions } from '@millrace/plugin-delivery-common';
import { EVENT_TYPES_TOPIC } from '@millrace/plugin-event-types-common';
import { eventTypesServiceRef } from '@millrace/plugin-event-types-node';
import { readDeliveryConfig } from './config';
import { ProcessSupervisor } from './embedded';
import { EventTypeLookup } from './eventTypes';
import { OverviewReader } from './overview';
import { PartitionReader } from './partitions';
import {
  AccessControl,
  dataEndpointResourceRef,
  isDataEndpointOwner,
} from './permissions';
import {
  createAuditTrail,
  createPubSub,
  reconcile,
  Reconciler,
  Withdrawals,
} from './reconciler';
import { RefusedEventReader } from './refused';
import {
  DeliveredIds,
  ReplayPreviewer,
  ReplayRegistry,
  ReplayRunner,
} from './replay';
import { createRouter } from './service/createRouter';
import { StatusReader } from './status';
import { WriteKeyRegistry } from './writeKeys';

/**
 * Drives broker, gateways and workers, and serves what the ledger and the lake
 * know about delivery.
 *
 * @public
 */
export const deliveryPlugin = createBackendPlugin({
  pluginId: 'delivery',
  register(env) {
    env.registerInit({
      deps: {
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        config: coreServices.rootConfig,
        events: eventsServiceRef,
        eventTypesService: eventTypesServiceRef,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        userInfo: coreServices.userInfo,
      },
      async init({
        auditor,
        auth,
        config: rootConfig,
        events,
        eventTypesService,
        httpAuth,
        httpRouter,
        lifecycle,
        logger,
        permissions,
        permissionsRegistry,
        userInfo,
      }) {
        const config = readDeliveryConfig(rootConfig);
        const { bucketSeconds, gatewayUrl, embedded } = config;
        const now = () => new Date();

        const ledger = createLedgerClient({
          connectionString: config.ledgerConnection,
        });
        await migrateLedger(ledger);
        const pubsub = createPubSub(config);
        const eventTypes = new EventTypeLookup({
          eventTypes: eventTypesService,
          auth,
        });

        permissionsRegistry.addResourceType({
          resourceRef: dataEndpointResourceRef,
          permissions: deliveryPermissions,
          rules: [isDataEndpointOwner],
          getResources: names => eventTypes.getResources(names),
        });
        const access = new AccessControl({
          permissions,
          ruleset: permissionsRegistry.getPermissionRuleset(
            dataEndpointResourceRef,
          ),
        });

        const withdrawals = new Withdrawals({ ledger, now });
        const onCreated = createAuditTrail(auditor);
        const reconciler = new Reconciler({
          logger,
          round: () =>
            reconcile({
              listEventTypes: () => eventTypes.listForReconciler(),
              ledger,
              pubsub,
              withdrawals,
              bucketSeconds,
              onCreated,
            }),
        });
        const supervisor =
          embedded &&
          new ProcessSupervisor({
            config: { ...config, embedded },
            logger,
            env: process.env,
          });

        const lake = await LocalLakeStore.open({ root: config.lakeRoot });
        const partitions = new PartitionReader({ ledger, lake });
        const deliveredIds = new DeliveredIds({ ledger, lake });
        const replayRunner = new ReplayRunner({
          ledger,
          deliveredIds,
          logger,
          runnerId: randomUUID(),
          now,
        });
        httpRouter.use(
          createRouter({
            access,
            auditor,
            eventTypes,
            httpAuth,
            overview: new OverviewReader({
              ledger,
              reconciler,
              gatewayUrl,
              bucketSeconds,
              now,
            }),
            partitions,
            refused: new RefusedEventReader({ ledger, now }),
            replays: {
              previewer: new ReplayPreviewer({ ledger, deliveredIds, now }),
              registry: new ReplayRegistry({
                ledger,
                onCreated: () => replayRunner.trigger(),
              }),
            },
            status: new StatusReader({
              ledger,
              reconciler,
              processes: supervisor && (() => supervisor.states()),
              gatewayUrl,
              bucketSeconds,
              now,
            }),
            writeKeys: new WriteKeyRegistry({
              ledger,
              access,
              eventTypes,
              userInfo,
              onChange: () => reconciler.trigger(),
            }),
          }),
        );

        await events.subscribe({
          id: 'delivery-reconciler',
          topics: [EVENT_TYPES_TOPIC],
          onEvent: async () => reconciler.trigger(),
        });
        lifecycle.addStartupHook(() => {
          supervisor?.start();
          reconciler.start();
          replayRunner.start();
        });
        lifecycle.addShutdownHook(async () => {
          // Together: a round that hangs on a broker that is gone must not
          // use up the time the children have to drain.
          await Promise.all([
            reconciler.stop(),
            replayRunner.stop(),
            supervisor?.stop(),
          ]);
          await Promise.allSettled([
            partitions.close(),
            deliveredIds.close(),
            pubsub.close(),
          ]);
          await ledger.destroy();
        });
      },
    });
  },
});

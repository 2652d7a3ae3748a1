import { randomUUID } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import {
  createLocalCopies,
  openLakeStore,
  parseLakeLocation,
} from '@millrace/lake';
import { notificationService } from '@backstage/plugin-notifications-node';
import { createLedgerClient, migrateLedger } from '@millrace/ledger';
import { deliveryPermissions } from '@millrace/plugin-delivery-common';
import { EVENT_TYPES_TOPIC } from '@millrace/plugin-event-types-common';
import { eventTypesServiceRef } from '@millrace/plugin-event-types-node';
import { registerActions } from './actions';
import { CompletenessReader, LedgerReader } from './completeness';
import {
  DatasetReader,
  KEY_SET_PATH,
  ManifestSigner,
  SealedWatch,
} from './access';
import { publishSealed, SealedFollower, tellOfRevisions } from './announcing';
import { AuditReader, FindingNotifier } from './audit';
import { ClosingDesk } from './closing';
import { ConditionKeeper } from './conditions';
import { readDeliveryConfig } from './config';
import { ProcessSupervisor } from './embedded';
import { EventTypeLookup } from './eventTypes';
import { FootprintReader } from './footprint';
import { OperationsReader } from './operations';
import { OverviewReader } from './overview';
import { PartitionReader } from './partitions';
import {
  AccessControl,
  dataEndpointResourceRef,
  isDataEndpointOwner,
} from './permissions';
import { PoisonDesk } from './poison';
import {
  createAuditTrail,
  createOrphanTrail,
  createPubSub,
  createRemovalTrail,
  createRound,
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
import { RevisionDesk } from './revisions';
import { RolloutKeeper, RolloutReader } from './rollouts';
import { createRouter } from './service/createRouter';
import { StatusReader } from './status';
import { TestEventDesk, TestEventSender } from './testEvents';
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
        actions: actionsRegistryServiceRef,
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        config: coreServices.rootConfig,
        events: eventsServiceRef,
        eventTypesService: eventTypesServiceRef,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        notifications: notificationService,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        userInfo: coreServices.userInfo,
      },
      async init({
        actions,
        auditor,
        auth,
        config: rootConfig,
        events,
        eventTypesService,
        httpAuth,
        httpRouter,
        lifecycle,
        logger,
        notifications,
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
        const reconciler = new Reconciler({
          logger,
          round: createRound({
            listEventTypes: () => eventTypes.listForReconciler(),
            ledger,
            pubsub,
            withdrawals,
            bucketSeconds,
            onCreated: createAuditTrail(auditor),
            archive: name => eventTypes.archive(name),
            onRemoved: createRemovalTrail(auditor),
            orphanGraceMs: config.orphanGraceMs,
            onOrphanDeleted: createOrphanTrail(auditor),
            rollouts: new RolloutKeeper({ ledger }),
            conditions: new ConditionKeeper({
              ledger,
              gatewayUrl,
              bucketSeconds,
              latenessObjectivesMs: config.latenessObjectivesMs,
              now,
            }),
            logger,
          }),
        });
        const supervisor =
          embedded &&
          new ProcessSupervisor({
            config: { ...config, embedded },
            logger,
            env: process.env,
          });

        const lake = await openLakeStore(config.lakeRoot);
        const copies = createLocalCopies({
          store: lake,
          // Of this process alone; where it has a place of its own, one that
          // the next start finds and empties.
          folder: embedded
            ? path.join(embedded.dataDir, 'copies')
            : path.join(os.tmpdir(), `millrace-portal-${randomUUID()}`),
        });
        const partitions = new PartitionReader({ ledger, lake, copies });
        const watch = new SealedWatch({ ledger });
        const signer = await ManifestSigner.open(config.manifestSigning);
        const datasets = new DatasetReader({
          ledger,
          lake,
          location: parseLakeLocation(config.lakeRoot),
          copies,
          watch,
          signer,
        });
        const deliveredIds = new DeliveredIds({ ledger, lake });
        const replayRunner = new ReplayRunner({
          ledger,
          deliveredIds,
          logger,
          runnerId: randomUUID(),
          now,
        });
        const testEventSender = new TestEventSender({ ledger, logger, now });
        const ownersOf = async (names: string[]) =>
          (await eventTypes.getResources(names)).map(type => type?.owner);
        const notifier = new FindingNotifier({
          ledger,
          notifications,
          logger,
          notifierId: randomUUID(),
          ownersOf,
          platformTeam: config.platformTeam,
        });
        const followers = [
          new SealedFollower({
            ledger,
            announcer: 'partition-sealed',
            tell: publishSealed({ events }),
            logger,
            followerId: randomUUID(),
          }),
          new SealedFollower({
            ledger,
            announcer: 'revision-notices',
            tell: tellOfRevisions({ ledger, notifications, logger, ownersOf }),
            logger,
            followerId: randomUUID(),
          }),
        ];
        const closing = new ClosingDesk({ ledger, bucketSeconds, now });
        const ledgerPages = new LedgerReader({ ledger, bucketSeconds, now });
        const refused = new RefusedEventReader({ ledger, now });
        registerActions(actions, {
          access,
          closing,
          eventTypes,
          latenessObjectivesMs: config.latenessObjectivesMs,
          ledgerPages,
          refused,
        });
        httpRouter.use(
          createRouter({
            access,
            audit: new AuditReader({
              ledger,
              now,
              cycleSeconds: config.audit.cycleDays * 24 * 60 * 60,
            }),
            auditor,
            completeness: new CompletenessReader({ ledger }),
            ledgerPages,
            latenessObjectivesMs: config.latenessObjectivesMs,
            datasets,
            closing,
            eventTypes,
            httpAuth,
            signer,
            operations: new OperationsReader({
              ledger,
              reconciler,
              processes: supervisor && (() => supervisor.states()),
              latenessObjectivesMs: config.latenessObjectivesMs,
            }),
            revisions: new RevisionDesk({ ledger, now }),
            rollouts: new RolloutReader({
              ledger,
              reconciler,
              orphanGraceMs: config.orphanGraceMs,
            }),
            footprints: new FootprintReader({ ledger, pubsub }),
            overview: new OverviewReader({
              ledger,
              reconciler,
              gatewayUrl,
              bucketSeconds,
              latenessObjectivesMs: config.latenessObjectivesMs,
              now,
            }),
            partitions,
            poison: new PoisonDesk({ ledger }),
            refused,
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
            testEvents: new TestEventDesk({
              ledger,
              sender: testEventSender,
              bucketSeconds,
              latenessObjectivesMs: config.latenessObjectivesMs,
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

        // Whoever verifies a manifest need not be known here.
        httpRouter.addAuthPolicy({
          path: KEY_SET_PATH,
          allow: 'unauthenticated',
        });

        await events.subscribe({
          id: 'delivery-reconciler',
          topics: [EVENT_TYPES_TOPIC],
          onEvent: async () => reconciler.trigger(),
        });
        lifecycle.addStartupHook(() => {
          supervisor?.start();
          reconciler.start();
          replayRunner.start();
          notifier.start();
          followers.forEach(follower => follower.start());
        });
        lifecycle.addShutdownHook(async () => {
          watch.close();
          // Together: a round that hangs on a broker that is gone must not
          // use up the time the children have to drain.
          await Promise.all([
            reconciler.stop(),
            replayRunner.stop(),
            testEventSender.stop(),
            notifier.stop(),
            ...followers.map(follower => follower.stop()),
            supervisor?.stop(),
          ]);
          await Promise.allSettled([
            partitions.close(),
            deliveredIds.close(),
            pubsub.close(),
          ]);
          await copies.close();
          await ledger.destroy();
        });
      },
    });
  },
});

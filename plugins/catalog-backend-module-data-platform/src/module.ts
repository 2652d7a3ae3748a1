import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { catalogProcessingExtensionPoint } from '@backstage/plugin-catalog-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { eventTypesServiceRef } from '@millrace/plugin-event-types-node';
import { readRefreshIntervalFromConfig } from './config';
import { DataPlatformEntitiesProcessor } from './DataPlatformEntitiesProcessor';
import { EventTypeEntityProvider } from './EventTypeEntityProvider';

/**
 * The catalog kinds EventType and DataEndpoint, and the provider of registered
 * ones.
 *
 * @public
 */
export const catalogModuleDataPlatform = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'data-platform',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogProcessingExtensionPoint,
        config: coreServices.rootConfig,
        events: eventsServiceRef,
        eventTypes: eventTypesServiceRef,
        logger: coreServices.logger,
        scheduler: coreServices.scheduler,
      },
      async init({
        auth,
        catalog,
        config,
        events,
        eventTypes,
        logger,
        scheduler,
      }) {
        catalog.addProcessor(new DataPlatformEntitiesProcessor());
        catalog.addEntityProvider(
          new EventTypeEntityProvider({
            auth,
            events,
            eventTypes,
            logger,
            taskRunner: scheduler.createScheduledTaskRunner({
              // Handing over the same picture twice is harmless, so every
              // instance refreshes by itself; a crashed one leaves no lock.
              scope: 'local',
              frequency: readRefreshIntervalFromConfig(config),
              timeout: { minutes: 5 },
            }),
          }),
        );
      },
    });
  },
});

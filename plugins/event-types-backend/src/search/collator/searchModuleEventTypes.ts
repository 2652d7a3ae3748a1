import {
  type RootConfigService,
  type SchedulerServiceTaskScheduleDefinition,
  coreServices,
  createBackendModule,
  readSchedulerServiceTaskScheduleDefinitionFromConfig,
} from '@backstage/backend-plugin-api';
import { searchIndexRegistryExtensionPoint } from '@backstage/plugin-search-backend-node/alpha';
import { EventTypeCollatorFactory } from './EventTypeCollatorFactory';
import { createReadPage } from './createReadPage';

const SCHEDULE_KEY = 'search.collators.eventTypes.schedule';

/** An event type is found soon after it was registered. */
const DEFAULT_SCHEDULE: SchedulerServiceTaskScheduleDefinition = {
  frequency: { minutes: 2 },
  timeout: { minutes: 10 },
  // The event types backend is to be there before it is asked.
  initialDelay: { seconds: 10 },
};

function readSchedule(
  config: RootConfigService,
): SchedulerServiceTaskScheduleDefinition {
  return config.has(SCHEDULE_KEY)
    ? readSchedulerServiceTaskScheduleDefinitionFromConfig(
        config.getConfig(SCHEDULE_KEY),
      )
    : DEFAULT_SCHEDULE;
}

/**
 * A module of the search plugin: makes event types, their fields and what those
 * mean findable in the search of the portal.
 *
 * @public
 */
export const searchModuleEventTypes = createBackendModule({
  pluginId: 'search',
  moduleId: 'event-types-collator',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        indexRegistry: searchIndexRegistryExtensionPoint,
        scheduler: coreServices.scheduler,
      },
      async init({ auth, config, discovery, indexRegistry, scheduler }) {
        indexRegistry.addCollator({
          schedule: scheduler.createScheduledTaskRunner(readSchedule(config)),
          factory: new EventTypeCollatorFactory({
            readPage: createReadPage({ auth, discovery }),
          }),
        });
      },
    });
  },
});

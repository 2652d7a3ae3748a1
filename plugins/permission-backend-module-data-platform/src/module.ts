import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';
import { readPlatformTeamFromConfig } from './config';
import { DataPlatformPolicy } from './DataPlatformPolicy';

/**
 * Installs the default permission policy of Millrace.
 *
 * @public
 */
export const permissionModuleDataPlatform = createBackendModule({
  pluginId: 'permission',
  moduleId: 'data-platform',
  register(env) {
    env.registerInit({
      deps: {
        config: coreServices.rootConfig,
        logger: coreServices.logger,
        policy: policyExtensionPoint,
        userInfo: coreServices.userInfo,
      },
      async init({ config, logger, policy, userInfo }) {
        const platformTeam = readPlatformTeamFromConfig(config);
        if (platformTeam === undefined) {
          logger.warn(
            'permission.dataPlatform.platformTeam is not set: nobody can run the platform from the portal',
          );
        }
        policy.setPolicy(new DataPlatformPolicy({ userInfo, platformTeam }));
      },
    });
  },
});

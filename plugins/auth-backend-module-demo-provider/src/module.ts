import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import {
  authProvidersExtensionPoint,
  createProxyAuthProviderFactory,
} from '@backstage/plugin-auth-node';
import { demoAuthenticator } from './authenticator';
import { demoSignInResolver } from './signInResolver';

/**
 * Sign-in with a choosable demo identity. The auth backend binds the provider
 * only when `auth.providers.demo` is configured.
 *
 * @public
 */
export const authModuleDemoProvider = createBackendModule({
  pluginId: 'auth',
  moduleId: 'demo-provider',
  register(env) {
    env.registerInit({
      deps: {
        config: coreServices.rootConfig,
        logger: coreServices.logger,
        providers: authProvidersExtensionPoint,
      },
      async init({ config, logger, providers }) {
        if (config.has('auth.providers.demo')) {
          logger.warn(
            'Demo sign-in is on: whoever reaches this portal can sign in as any of auth.providers.demo.identities, without a password',
          );
        }
        providers.registerProvider({
          providerId: 'demo',
          factory: createProxyAuthProviderFactory({
            authenticator: demoAuthenticator,
            signInResolver: demoSignInResolver,
          }),
        });
      },
    });
  },
});

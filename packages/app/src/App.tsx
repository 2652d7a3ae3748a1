import { type CreateAppOptions, createApp } from '@backstage/frontend-defaults';
import catalogPlugin from '@backstage/plugin-catalog/alpha';
import notificationsPlugin from '@backstage/plugin-notifications/alpha';
import searchPlugin from '@backstage/plugin-search/alpha';
import signalsPlugin from '@backstage/plugin-signals/alpha';
import userSettingsPlugin from '@backstage/plugin-user-settings/alpha';
import deliveryPlugin from '@millrace/plugin-delivery';
import eventTypesPlugin from '@millrace/plugin-event-types';
import { catalogGraphModule } from './modules/catalogGraph';
import { homeModule } from './modules/home';
import { iconsModule } from './modules/icons';
import { navModule } from './modules/nav';
import { signInModule } from './modules/signIn';
import { themesModule } from './modules/themes';

/**
 * The portal. Plugins it cannot do without are named here; others are found
 * among the dependencies of this package, see `app.packages` in the config.
 */
export function createMillraceApp(options?: CreateAppOptions) {
  return createApp({
    ...options,
    features: [
      catalogPlugin,
      notificationsPlugin,
      searchPlugin,
      signalsPlugin,
      userSettingsPlugin,
      deliveryPlugin,
      eventTypesPlugin,
      catalogGraphModule,
      homeModule,
      iconsModule,
      navModule,
      signInModule,
      themesModule,
    ],
  });
}

import { createFrontendModule } from '@backstage/frontend-plugin-api';
import { ThemeBlueprint } from '@backstage/plugin-app-react';
import { RiMoonLine, RiSunLine } from '@remixicon/react';
import { SwitchingThemeProvider } from './SwitchingThemeProvider';

/** Backstage's two themes, between which nothing on a page is lost. */
export const themesModule = createFrontendModule({
  pluginId: 'app',
  extensions: [
    ThemeBlueprint.make({
      name: 'light',
      params: {
        theme: {
          id: 'light',
          title: 'Light Theme',
          variant: 'light',
          icon: <RiSunLine />,
          Provider: SwitchingThemeProvider,
        },
      },
    }),
    ThemeBlueprint.make({
      name: 'dark',
      params: {
        theme: {
          id: 'dark',
          title: 'Dark Theme',
          variant: 'dark',
          icon: <RiMoonLine />,
          Provider: SwitchingThemeProvider,
        },
      },
    }),
  ],
});

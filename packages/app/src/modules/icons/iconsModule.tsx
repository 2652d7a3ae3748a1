import { createFrontendModule } from '@backstage/frontend-plugin-api';
import { IconBundleBlueprint } from '@backstage/plugin-app-react';
import { RiBracesLine, RiDatabase2Line } from '@remixicon/react';

const kindIcons = IconBundleBlueprint.make({
  name: 'kinds',
  params: {
    icons: {
      'kind:eventtype': <RiBracesLine fontSize="inherit" />,
      'kind:dataendpoint': <RiDatabase2Line fontSize="inherit" />,
    },
  },
});

/** Icons of the entity kinds of Millrace. */
export const iconsModule = createFrontendModule({
  pluginId: 'app',
  extensions: [kindIcons],
});

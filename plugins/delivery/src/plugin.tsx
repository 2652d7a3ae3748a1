import {
  ApiBlueprint,
  PageBlueprint,
  createFrontendPlugin,
  fetchApiRef,
} from '@backstage/frontend-plugin-api';
import {
  EntityCardBlueprint,
  EntityContentBlueprint,
} from '@backstage/plugin-catalog-react/alpha';
import { RiWaterFlashLine } from '@remixicon/react';
import { DeliveryClient, deliveryApiRef } from './api';
import {
  auditRouteRef,
  operationsRouteRef,
  refusedRouteRef,
  registerRouteRef,
  rolloutsRouteRef,
  rootRouteRef,
  writeKeysRouteRef,
} from './routes';

const deliveryApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: deliveryApiRef,
      deps: { fetchApi: fetchApiRef },
      factory: ({ fetchApi }) => new DeliveryClient({ fetchApi }),
    }),
});

const deliveryPage = PageBlueprint.make({
  params: {
    path: '/delivery',
    routeRef: rootRouteRef,
    title: 'Delivery',
    icon: <RiWaterFlashLine fontSize="inherit" />,
    loader: () =>
      import('./components/DeliveryRouter').then(m => <m.DeliveryRouter />),
  },
});

const deliveryContent = EntityContentBlueprint.make({
  params: {
    path: 'delivery',
    title: 'Delivery',
    filter: { kind: { $in: ['eventtype', 'dataendpoint'] } },
    loader: () =>
      import('./components/DeliveryContent').then(m => <m.DeliveryContent />),
  },
});

const conditionsCard = EntityCardBlueprint.make({
  name: 'conditions',
  params: {
    type: 'content',
    filter: { kind: { $in: ['eventtype', 'dataendpoint'] } },
    loader: () =>
      import('./components/ConditionsCard').then(m => <m.ConditionsCard />),
  },
});

const sendFirstEventCard = EntityCardBlueprint.make({
  name: 'send-first-event',
  params: {
    type: 'content',
    filter: { kind: 'eventtype' },
    loader: () =>
      import('./components/SendFirstEvent').then(m => <m.SendFirstEvent />),
  },
});

/**
 * Delivery in the portal: processes, partitions, lateness, counts and rows.
 *
 * @public
 */
export const deliveryPlugin = createFrontendPlugin({
  pluginId: 'delivery',
  title: 'Delivery',
  info: { packageJson: () => import('../package.json') },
  routes: {
    root: rootRouteRef,
    audit: auditRouteRef,
    operations: operationsRouteRef,
    rollouts: rolloutsRouteRef,
    refused: refusedRouteRef,
    writeKeys: writeKeysRouteRef,
  },
  externalRoutes: { registerEventType: registerRouteRef },
  extensions: [
    deliveryApi,
    deliveryPage,
    deliveryContent,
    conditionsCard,
    sendFirstEventCard,
  ],
});

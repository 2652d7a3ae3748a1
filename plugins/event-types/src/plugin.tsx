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
import {
  SearchFilterResultTypeBlueprint,
  SearchResultListItemBlueprint,
} from '@backstage/plugin-search-react/alpha';
import { EVENT_TYPE_DOCUMENT_TYPE } from '@millrace/plugin-event-types-common';
import { RiBracesLine } from '@remixicon/react';
import { EventTypesClient, eventTypesApiRef } from './api';
import { fieldsRouteRef, registerRouteRef, rootRouteRef } from './routes';

const eventTypesApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: eventTypesApiRef,
      deps: { fetchApi: fetchApiRef },
      factory: ({ fetchApi }) => new EventTypesClient({ fetchApi }),
    }),
});

const eventTypesPage = PageBlueprint.make({
  params: {
    path: '/event-types',
    routeRef: rootRouteRef,
    title: 'Event types',
    icon: <RiBracesLine fontSize="inherit" />,
    loader: () =>
      import('./components/EventTypesRouter').then(m => <m.EventTypesRouter />),
  },
});

const overviewCard = EntityCardBlueprint.make({
  name: 'overview',
  params: {
    type: 'content',
    filter: { kind: 'eventtype' },
    loader: () =>
      import('./components/OverviewCard').then(m => <m.OverviewCard />),
  },
});

const schemaContent = EntityContentBlueprint.make({
  name: 'schema',
  params: {
    path: 'schema',
    title: 'Schema',
    filter: { kind: { $in: ['eventtype', 'dataendpoint'] } },
    loader: () =>
      import('./components/SchemaContent').then(m => <m.SchemaContent />),
  },
});

/** @internal */
export const eventTypeSearchResult = SearchResultListItemBlueprint.make({
  params: {
    predicate: ({ type }) => type === EVENT_TYPE_DOCUMENT_TYPE,
    component: async () =>
      (await import('./components/EventTypeSearchResult'))
        .EventTypeSearchResult,
  },
});

const eventTypeResults = SearchFilterResultTypeBlueprint.make({
  name: 'event-types',
  params: {
    value: EVENT_TYPE_DOCUMENT_TYPE,
    name: 'Event types',
    icon: <RiBracesLine size={20} />,
  },
});

/**
 * Event types in the portal: list, search, register, overview and schema.
 *
 * @public
 */
export const eventTypesPlugin = createFrontendPlugin({
  pluginId: 'event-types',
  title: 'Event types',
  info: { packageJson: () => import('../package.json') },
  routes: {
    root: rootRouteRef,
    fields: fieldsRouteRef,
    register: registerRouteRef,
  },
  extensions: [
    eventTypesApi,
    eventTypesPage,
    eventTypeResults,
    eventTypeSearchResult,
    overviewCard,
    schemaContent,
  ],
});

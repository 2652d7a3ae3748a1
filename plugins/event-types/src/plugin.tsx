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
import {
  ContractsClient,
  DeclarationsClient,
  EventTypesClient,
  contractsApiRef,
  declarationsApiRef,
  eventTypesApiRef,
} from './api';
import {
  editRouteRef,
  fieldsRouteRef,
  importRouteRef,
  registerRouteRef,
  rootRouteRef,
} from './routes';

const eventTypesApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: eventTypesApiRef,
      deps: { fetchApi: fetchApiRef },
      factory: ({ fetchApi }) => new EventTypesClient({ fetchApi }),
    }),
});

const declarationsApi = ApiBlueprint.make({
  name: 'declarations',
  params: defineParams =>
    defineParams({
      api: declarationsApiRef,
      deps: { fetchApi: fetchApiRef },
      factory: ({ fetchApi }) => new DeclarationsClient({ fetchApi }),
    }),
});

const contractsApi = ApiBlueprint.make({
  name: 'contracts',
  params: defineParams =>
    defineParams({
      api: contractsApiRef,
      deps: { fetchApi: fetchApiRef },
      factory: ({ fetchApi }) => new ContractsClient({ fetchApi }),
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

const codeContent = EntityContentBlueprint.make({
  name: 'code',
  params: {
    path: 'code',
    title: 'Code',
    filter: { kind: 'eventtype' },
    loader: () =>
      import('./components/CodeContent').then(m => <m.CodeContent />),
  },
});

const contractContent = EntityContentBlueprint.make({
  name: 'contract',
  params: {
    path: 'contract',
    title: 'Contract',
    filter: { kind: 'eventtype' },
    loader: () =>
      import('./components/ContractContent').then(m => <m.ContractContent />),
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
 * Event types in the portal: list, search, register, overview, schema, declaration
 * as code and contract.
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
    edit: editRouteRef,
    import: importRouteRef,
  },
  extensions: [
    eventTypesApi,
    declarationsApi,
    contractsApi,
    eventTypesPage,
    eventTypeResults,
    eventTypeSearchResult,
    overviewCard,
    schemaContent,
    codeContent,
    contractContent,
  ],
});

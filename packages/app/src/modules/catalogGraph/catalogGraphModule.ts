import {
  ApiBlueprint,
  createFrontendModule,
} from '@backstage/frontend-plugin-api';
import {
  ALL_RELATION_PAIRS,
  ALL_RELATIONS,
  catalogGraphApiRef,
  DefaultCatalogGraphApi,
} from '@backstage/plugin-catalog-graph';
import {
  RELATION_DELIVERED_FROM,
  RELATION_DELIVERS_TO,
} from '@millrace/plugin-event-types-common';

/** Draws from which event type a data endpoint is delivered. */
const catalogGraphApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: catalogGraphApiRef,
      deps: {},
      factory: () =>
        new DefaultCatalogGraphApi({
          knownRelations: [
            ...ALL_RELATIONS,
            RELATION_DELIVERS_TO,
            RELATION_DELIVERED_FROM,
          ],
          knownRelationPairs: [
            ...ALL_RELATION_PAIRS,
            [RELATION_DELIVERS_TO, RELATION_DELIVERED_FROM],
          ],
          defaultRelationTypes: { exclude: [] },
        }),
    }),
});

/** Relations of Millrace's kinds in the catalog's graph. */
export const catalogGraphModule = createFrontendModule({
  pluginId: 'catalog-graph',
  extensions: [catalogGraphApi],
});

import { stringifyEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { usePolling } from '@millrace/plugin-data-platform-react';
import { useCallback } from 'react';

/** The systems of the catalog; none while they are not known. */
export function useSystems(): { id: string; label: string }[] {
  const catalogApi = useApi(catalogApiRef);
  const load = useCallback(async () => {
    const { items } = await catalogApi.getEntities({
      filter: { kind: 'system' },
      fields: ['kind', 'metadata.name', 'metadata.namespace', 'metadata.title'],
    });
    return items
      .map(system => ({
        id: stringifyEntityRef(system),
        label: system.metadata.title ?? system.metadata.name,
      }))
      .sort((a, b) => a.label.localeCompare(b.label));
  }, [catalogApi]);
  // It may be left out, so it is no trouble when it cannot be offered.
  return usePolling(load, {}).value ?? [];
}

import { stringifyEntityRef } from '@backstage/catalog-model';
import { identityApiRef, useApi } from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import {
  type PollingState,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import { useCallback } from 'react';

/** Groups change rarely, but right after a start they may not be there yet. */
const REFRESH_INTERVAL_MS = 30_000;

export interface Owners {
  options: { id: string; label: string; description?: string }[];
  /** A group of the user, when there is one. */
  own?: string;
}

/** The groups that may own an event type; the user's own ones first. */
export function useOwners(): PollingState<Owners> {
  const catalogApi = useApi(catalogApiRef);
  const identityApi = useApi(identityApiRef);
  const load = useCallback(async (): Promise<Owners> => {
    const [{ items }, { ownershipEntityRefs }] = await Promise.all([
      catalogApi.getEntities({
        filter: { kind: 'group' },
        fields: [
          'kind',
          'metadata.name',
          'metadata.namespace',
          'metadata.title',
        ],
      }),
      identityApi.getBackstageIdentity(),
    ]);
    const groups = items.map(group => {
      const ref = stringifyEntityRef(group);
      const isOwn = ownershipEntityRefs.includes(ref);
      return {
        isOwn,
        option: {
          id: ref,
          label: group.metadata.title ?? group.metadata.name,
          ...(isOwn && { description: 'You are a member' }),
        },
      };
    });
    groups.sort(
      (a, b) =>
        Number(b.isOwn) - Number(a.isOwn) ||
        a.option.label.localeCompare(b.option.label),
    );
    return {
      options: groups.map(({ option }) => option),
      own: groups.find(({ isOwn }) => isOwn)?.option.id,
    };
  }, [catalogApi, identityApi]);
  return usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });
}

import { identityApiRef, useApi } from '@backstage/frontend-plugin-api';
import { usePolling } from '@millrace/plugin-data-platform-react';
import { useCallback, useMemo } from 'react';

/** The references one owns things by: oneself and one's groups. */
export function useOwnershipRefs(): ReadonlySet<string> {
  const identityApi = useApi(identityApiRef);
  const load = useCallback(
    () => identityApi.getBackstageIdentity(),
    [identityApi],
  );
  const { value } = usePolling(load, {});
  return useMemo(() => new Set(value?.ownershipEntityRefs), [value]);
}

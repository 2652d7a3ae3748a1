import { useApi } from '@backstage/frontend-plugin-api';
import {
  catalogApiRef,
  useEntityRefLink,
} from '@backstage/plugin-catalog-react';
import { Alert, ButtonLink } from '@backstage/ui';
import { usePolling } from '@millrace/plugin-data-platform-react';
import { eventTypeEntityRef } from '@millrace/plugin-event-types-common';
import { useCallback, useEffect, useState } from 'react';
import { useNavigate } from 'react-router-dom';

const LOOK_INTERVAL_MS = 1000;
/** After this long something is wrong; the way out is offered. */
const PATIENCE_MS = 45_000;

/**
 * The catalog takes in what was registered within seconds, not at once. This
 * waits for the entity and then leads to its page.
 */
export function WaitForEntity(props: { name: string }) {
  const { name } = props;
  const catalogApi = useApi(catalogApiRef);
  const entityLink = useEntityRefLink();
  const navigate = useNavigate();
  const [isLate, setLate] = useState(false);

  const entityRef = eventTypeEntityRef(name);
  const href = entityLink(entityRef);
  const load = useCallback(
    // By a list, which answers that it is not there yet; by its address the
    // catalog would answer with an error.
    async () =>
      (await catalogApi.getEntitiesByRefs({ entityRefs: [entityRef] }))
        .items[0],
    [catalogApi, entityRef],
  );
  // Errors are not shown: the next look may succeed, and the patience ends.
  const { value: entity } = usePolling(load, { intervalMs: LOOK_INTERVAL_MS });

  useEffect(() => {
    if (entity) {
      navigate(href, { replace: true });
    }
  }, [entity, href, navigate]);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);

  return (
    <Alert
      role="status"
      status={isLate ? 'warning' : 'success'}
      icon
      isPending={!isLate}
      title={
        isLate
          ? `${name} is registered, but the catalog has not taken it in yet.`
          : 'Registered. Waiting for the catalog…'
      }
      description={
        isLate
          ? 'Nothing is lost. Its page appears when the catalog has caught up; if it stays away, tell the platform team.'
          : `Its page opens by itself in a few seconds.`
      }
      customActions={
        isLate && (
          <ButtonLink href={href} variant="secondary">
            Open the page
          </ButtonLink>
        )
      }
    />
  );
}

import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { ButtonLink, Skeleton } from '@backstage/ui';
import {
  EmptyState,
  PageFrame,
  ProblemPanel,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import { RiAddLine, RiBracesLine } from '@remixicon/react';
import { useCallback } from 'react';
import { eventTypesApiRef } from '../../api';
import { importRouteRef, registerRouteRef } from '../../routes';
import { describeEventTypes } from './describe';
import { EventTypesTable } from './EventTypesTable';
import { ListTabs } from './ListTabs';
import { useEventTypesQuery } from './useEventTypesQuery';
import { useLastKnown } from './useLastKnown';

const REFRESH_INTERVAL_MS = 15_000;

/** Which event types are there? */
export function EventTypesList() {
  const api = useApi(eventTypesApiRef);
  const registerLink = useRouteRef(registerRouteRef);
  const importLink = useRouteRef(importRouteRef);
  const query = useEventTypesQuery();
  const { request } = query;
  const load = useCallback(
    (signal: AbortSignal) => api.findEventTypes(request, { signal }),
    [api, request],
  );
  const polling = usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });
  const { error, isLoading, reload } = polling;
  const { value: page, isStale } = useLastKnown(polling);
  const isEmpty = page?.readable === 0;
  const registerButton = registerLink && (
    <ButtonLink href={registerLink()} iconStart={<RiAddLine />}>
      Register an event type
    </ButtonLink>
  );

  const importButton = importLink && (
    <ButtonLink href={importLink()} variant="tertiary">
      Import a declaration
    </ButtonLink>
  );

  return (
    <PageFrame
      title="Event types"
      question="Which event types are there, and whose are they?"
      answer={page && describeEventTypes(page)}
      // While there is none, the empty page offers it.
      actions={
        <>
          {importButton}
          {!isEmpty && registerButton}
        </>
      }
    >
      {!isEmpty && <ListTabs />}
      {error && (
        <ProblemPanel
          what={
            page
              ? 'The list could not be refreshed; this is what was known.'
              : 'The event types could not be loaded.'
          }
          error={error}
          onRetry={reload}
        />
      )}
      {isLoading && !page && <Skeleton width="100%" height={320} />}
      {page && !isEmpty && (
        <EventTypesTable page={page} query={query} isStale={isStale} />
      )}
      {isEmpty && (
        <EmptyState
          icon={<RiBracesLine size={32} />}
          title="Nothing is registered yet"
          description="An event type is a named, versioned schema with an owner. Register one, send events of it, and they are delivered to a data endpoint of its own."
          action={registerButton}
        />
      )}
    </PageFrame>
  );
}

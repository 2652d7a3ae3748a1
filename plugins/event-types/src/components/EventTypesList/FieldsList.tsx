import { useApi } from '@backstage/frontend-plugin-api';
import { Skeleton } from '@backstage/ui';
import {
  EmptyState,
  PageFrame,
  ProblemPanel,
  usePolling,
} from '@millrace/plugin-data-platform-react';
import { RiListCheck } from '@remixicon/react';
import { useCallback } from 'react';
import { eventTypesApiRef } from '../../api';
import { describeFields } from './describe';
import { FieldsFoundTable } from './FieldsFoundTable';
import { ListTabs } from './ListTabs';
import { useFieldsQuery } from './useFieldsQuery';
import { useLastKnown } from './useLastKnown';

const REFRESH_INTERVAL_MS = 30_000;

/** Which events carry what? */
export function FieldsList() {
  const api = useApi(eventTypesApiRef);
  const query = useFieldsQuery();
  const { request } = query;
  const load = useCallback(
    (signal: AbortSignal) => api.findFields(request, { signal }),
    [api, request],
  );
  const polling = usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });
  const { error, isLoading, reload } = polling;
  const { value: page, isStale } = useLastKnown(polling);

  return (
    <PageFrame
      title="Fields"
      question="Which events carry what?"
      answer={page && describeFields(page)}
    >
      <ListTabs />
      {error && (
        <ProblemPanel
          what={
            page
              ? 'The fields could not be refreshed; this is what was known.'
              : 'The fields could not be loaded.'
          }
          error={error}
          onRetry={reload}
        />
      )}
      {isLoading && !page && <Skeleton width="100%" height={320} />}
      {page && page.readable > 0 && (
        <FieldsFoundTable page={page} query={query} isStale={isStale} />
      )}
      {page?.readable === 0 && (
        <EmptyState
          icon={<RiListCheck size={32} />}
          title="There are no fields yet"
          description="The fields of every event type are listed here, with what each of them holds. Register an event type, and its fields appear."
        />
      )}
    </PageFrame>
  );
}

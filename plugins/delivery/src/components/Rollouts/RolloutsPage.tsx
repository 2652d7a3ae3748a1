import { useRouteRef } from '@backstage/frontend-plugin-api';
import { RequirePermission } from '@backstage/plugin-permission-react';
import { ButtonLink, Skeleton } from '@backstage/ui';
import {
  DeniedState,
  PageFrame,
  ProblemPanel,
} from '@millrace/plugin-data-platform-react';
import { rolloutsReadPermission } from '@millrace/plugin-delivery-common';
import { useSearchParams } from 'react-router-dom';
import { operationsRouteRef } from '../../routes';
import { Orphans, Removals, Repairs } from './BrokerChanges';
import { Components } from './Components';
import { describeRollouts } from './describeRollouts';
import { Generations } from './Generations';
import { useRollouts } from './useRollouts';

const BEFORE = 'before';

/** What runs where, since when, and who asked for it? */
export function RolloutsPage() {
  return (
    <RequirePermission
      permission={rolloutsReadPermission}
      errorPage={
        <PageFrame title="Rollouts">
          <DeniedState
            title="You may not see what was rolled out"
            description="It tells of all event types and who changed them, so it is for the platform team."
          />
        </PageFrame>
      }
    >
      <Rollouts />
    </RequirePermission>
  );
}

function Rollouts() {
  const [search, setSearch] = useSearchParams();
  const asked = Number(search.get(BEFORE) ?? 0);
  const before = Number.isInteger(asked) && asked > 0 ? asked : undefined;
  const { value, error, isLoading, reload } = useRollouts(before);
  const operationsLink = useRouteRef(operationsRouteRef);
  const show = (next: number | undefined) =>
    setSearch(next === undefined ? {} : { [BEFORE]: String(next) });
  return (
    <PageFrame
      title="Rollouts"
      question="What runs where, and how did it come to that?"
      answer={value && describeRollouts(value)}
      actions={
        operationsLink && (
          <ButtonLink href={operationsLink()} variant="tertiary">
            Operations
          </ButtonLink>
        )
      }
    >
      {error && (
        <ProblemPanel
          what={
            value
              ? 'What runs where could not be refreshed; this is what was known.'
              : 'What runs where could not be loaded.'
          }
          error={error}
          onRetry={reload}
        />
      )}
      {isLoading && (
        <>
          <Skeleton width="100%" height={160} />
          <Skeleton width="100%" height={320} />
        </>
      )}
      {value && (
        <>
          <Removals removals={value.removals} />
          <Generations
            rollouts={value.items}
            onNewer={before === undefined ? undefined : () => show(undefined)}
            onOlder={
              value.nextBefore === undefined
                ? undefined
                : () => show(value.nextBefore)
            }
          />
          <Components
            components={value.components}
            now={new Date(value.readAt)}
          />
          <Repairs repairs={value.repairs} />
          <Orphans orphans={value.orphans} />
        </>
      )}
    </PageFrame>
  );
}

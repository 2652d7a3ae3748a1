import { useRouteRef } from '@backstage/frontend-plugin-api';
import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import {
  RequirePermission,
  usePermission,
} from '@backstage/plugin-permission-react';
import { Button, ButtonLink, Skeleton } from '@backstage/ui';
import {
  DeniedState,
  EmptyState,
  PageFrame,
  ProblemPanel,
} from '@millrace/plugin-data-platform-react';
import {
  bucketForceClosePermission,
  type DeliveryOperations,
  deliveryStatusReadPermission,
  partitionRevisePermission,
  rolloutsReadPermission,
} from '@millrace/plugin-delivery-common';
import { RiCheckDoubleLine, RiHammerLine } from '@remixicon/react';
import { useCallback } from 'react';
import { useSearchParams } from 'react-router-dom';
import { auditRouteRef, rolloutsRouteRef, rootRouteRef } from '../../routes';
import { partitionHref } from '../Partitions';
import { RepairDialog, RevisionsTable, useRepairAddress } from '../Revisions';
import { AttentionList } from './AttentionList';
import { Backlog } from './Backlog';
import { describeOperations } from './describeOperations';
import { ForceCloseDialog } from './ForceCloseDialog';
import { Poison } from './Poison';
import { Processes } from './Processes';
import { Sealing } from './Sealing';
import { SealedLate } from './SealedLate';
import { Section } from './Section';
import { useOperations } from './useOperations';
import { WaitingBuckets } from './WaitingBuckets';

/** The parts of the address bar that say what is shown. */
const PARAMS = {
  search: 'search',
  offset: 'offset',
  closeType: 'close',
  closeBucket: 'bucket',
} as const;

/** Does anything need me? */
export function OperationsPage() {
  return (
    <RequirePermission
      permission={deliveryStatusReadPermission}
      errorPage={
        <PageFrame title="Operations">
          <DeniedState
            title="You may not see how delivery is run"
            description="Ask the platform team to let you see it."
          />
        </PageFrame>
      }
    >
      <Operations />
    </RequirePermission>
  );
}

/** What is shown, in the address bar. */
function useShown() {
  const [search, setSearch] = useSearchParams();
  const change = useCallback(
    (
      parts: Partial<Record<keyof typeof PARAMS, string | undefined>>,
      options?: { replace: boolean },
    ) =>
      setSearch(current => {
        const next = new URLSearchParams(current);
        for (const [name, value] of Object.entries(parts)) {
          const param = Reflect.get(PARAMS, name);
          if (value) {
            next.set(param, value);
          } else {
            next.delete(param);
          }
        }
        return next;
      }, options),
    [setSearch],
  );
  const offset = Number(search.get(PARAMS.offset) ?? 0);
  return {
    search: (search.get(PARAMS.search) ?? '').slice(0, 64),
    offset: Number.isInteger(offset) && offset > 0 ? offset : 0,
    closeType: search.get(PARAMS.closeType) ?? undefined,
    closeBucket: search.get(PARAMS.closeBucket) ?? undefined,
    change,
  };
}

function Operations() {
  const shown = useShown();
  const { value, error, updatedAt, isLoading, reload } = useOperations(shown);
  const overviewLink = useRouteRef(rootRouteRef);
  const rolloutsLink = useRouteRef(rolloutsRouteRef);
  const { allowed: mayReadRollouts } = usePermission({
    permission: rolloutsReadPermission,
  });
  const { address, open } = useRepairAddress();
  const { allowed: mayRevise } = usePermission({
    permission: partitionRevisePermission,
  });
  return (
    <PageFrame
      title="Operations"
      answer={value && describeOperations(value)}
      actions={
        <>
          {overviewLink && (
            <ButtonLink href={overviewLink()} variant="tertiary">
              Delivery of all event types
            </ButtonLink>
          )}
          {mayReadRollouts && rolloutsLink && (
            <ButtonLink href={rolloutsLink()} variant="tertiary">
              Rollouts
            </ButtonLink>
          )}
          {mayRevise && (
            <Button
              variant="secondary"
              iconStart={<RiHammerLine />}
              onPress={() => open({ eventType: '', buckets: [] })}
            >
              Repair partitions
            </Button>
          )}
        </>
      }
    >
      {error && (
        <ProblemPanel
          what={
            value
              ? 'How delivery stands could not be refreshed; this is what was known.'
              : 'How delivery stands could not be loaded.'
          }
          error={error}
          onRetry={reload}
        />
      )}
      {isLoading && (
        <>
          <Skeleton width="100%" height={120} />
          <Skeleton width="100%" height={320} />
        </>
      )}
      {value && (
        <Standing
          operations={value}
          // Ages by the clock that the times were written by.
          now={updatedAt ? new Date(value.readAt) : new Date()}
          shown={shown}
          reload={reload}
        />
      )}
      {address && <RepairDialog address={address} onChange={open} />}
    </PageFrame>
  );
}

function Standing(props: {
  operations: DeliveryOperations;
  now: Date;
  shown: ReturnType<typeof useShown>;
  reload: () => void;
}) {
  const { operations, now, shown, reload } = props;
  const { attention, revisions } = operations;
  const { search, offset, closeType, closeBucket, change } = shown;
  const auditLink = useRouteRef(auditRouteRef);
  const entityLink = useEntityRefLink();
  const { open, hrefOf } = useRepairAddress();
  const { allowed: mayForce } = usePermission({
    permission: bucketForceClosePermission,
  });
  const entityHref = (eventType: string) =>
    `${entityLink(`eventtype:default/${eventType}`)}/delivery`;
  const { allowed: mayRevise } = usePermission({
    permission: partitionRevisePermission,
  });
  const forceClose = mayForce
    ? (eventType: string, bucketStart: string) =>
        change({ closeType: eventType, closeBucket: bucketStart })
    : undefined;
  const stopClosing = () =>
    change({ closeType: undefined, closeBucket: undefined });

  return (
    <>
      {attention.total === 0 ? (
        <EmptyState
          icon={<RiCheckDoubleLine size={32} />}
          title="Nothing needs you"
          description="What is late, lost, set aside or waits for a decision is listed here as soon as it is known, most urgent first."
        />
      ) : (
        <AttentionList
          lines={attention.items}
          total={attention.total}
          now={now}
          actions={{
            auditHref: auditLink?.(),
            entityHref,
            forceClose,
            openRepair: (eventType, operationId) =>
              open({ eventType, operationId, buckets: [] }),
          }}
        />
      )}
      <Backlog
        eventTypes={operations.eventTypes}
        search={search}
        offset={offset}
        now={now}
        // Narrowing is looking, not going somewhere: "back" leaves the page.
        onSearch={text =>
          change({ search: text, offset: undefined }, { replace: true })
        }
        onOffset={next =>
          change(
            { offset: next > 0 ? String(next) : undefined },
            { replace: true },
          )
        }
        entityHref={entityHref}
      />
      <Processes
        processes={operations.processes}
        generation={operations.generation}
        now={now}
      />
      <WaitingBuckets
        waiting={operations.waiting}
        now={now}
        entityHref={entityHref}
        onForceClose={forceClose}
      />
      <Sealing sealing={operations.sealing} now={now} entityHref={entityHref} />
      <Poison poison={operations.poison} now={now} onChanged={reload} />
      <SealedLate
        late={operations.late}
        now={now}
        partitionHref={(eventType, bucketStart) =>
          partitionHref(
            entityLink(`eventtype:default/${eventType}`),
            bucketStart,
          )
        }
      />
      <Section
        id="repairs"
        title="Repairs"
        answer={[
          revisions.length === 0
            ? 'No partition is being made again, and none was in the last 24 hours.'
            : 'Those that are open, and those that ended in the last 24 hours.',
          !mayRevise && 'Making partitions again is for the platform team.',
        ]
          .filter(Boolean)
          .join(' ')}
      >
        {revisions.length > 0 && (
          <RevisionsTable
            revisions={revisions}
            hrefOf={({ eventType, operationId }) =>
              hrefOf({ eventType, operationId, buckets: [] })
            }
          />
        )}
      </Section>
      {mayForce && closeType && closeBucket && (
        <ForceCloseDialog
          key={`${closeType} ${closeBucket}`}
          eventType={closeType}
          bucketStart={closeBucket}
          onForced={() => {
            stopClosing();
            reload();
          }}
          onClose={stopClosing}
        />
      )}
    </>
  );
}

import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Alert, ButtonLink, Skeleton } from '@backstage/ui';
import {
  EmptyState,
  PageFrame,
  ProblemPanel,
} from '@millrace/plugin-data-platform-react';
import { RiAddLine, RiWaterFlashLine } from '@remixicon/react';
import { estateHealth, isStarting } from '../../health';
import { useDeliveryOverview } from '../../hooks';
import {
  auditRouteRef,
  operationsRouteRef,
  refusedRouteRef,
  registerRouteRef,
  writeKeysRouteRef,
} from '../../routes';
import { DeliveryTable } from './DeliveryTable';
import { ProcessesCard } from './ProcessesCard';

/** Does delivery work? */
export function DeliveryOverview() {
  const { value, error, updatedAt, isLoading, reload } = useDeliveryOverview();
  const registerLink = useRouteRef(registerRouteRef);
  const operationsLink = useRouteRef(operationsRouteRef);
  const auditLink = useRouteRef(auditRouteRef);
  const refusedLink = useRouteRef(refusedRouteRef);
  const writeKeysLink = useRouteRef(writeKeysRouteRef);
  const now = updatedAt ?? new Date();
  const health = value && estateHealth(value.rows, value.status, now);

  return (
    <PageFrame
      title="Delivery"
      answer={health?.answer}
      actions={
        <>
          {operationsLink && (
            <ButtonLink href={operationsLink()} variant="secondary">
              Operations
            </ButtonLink>
          )}
          {auditLink && (
            <ButtonLink href={auditLink()} variant="secondary">
              Audit
            </ButtonLink>
          )}
          {refusedLink && (
            <ButtonLink href={refusedLink()} variant="secondary">
              Refused events
            </ButtonLink>
          )}
          {writeKeysLink && (
            <ButtonLink href={writeKeysLink()} variant="secondary">
              Write keys
            </ButtonLink>
          )}
        </>
      }
    >
      {error && (
        <ProblemPanel
          what={
            value
              ? 'Delivery could not be refreshed; this is what was known.'
              : 'Delivery could not be loaded.'
          }
          error={error}
          onRetry={reload}
        />
      )}
      {health?.problems.map(problem => (
        <Alert key={problem} status="warning" icon title={problem} />
      ))}
      {isLoading && (
        <>
          <Skeleton width="100%" height={120} />
          <Skeleton width="100%" height={320} />
        </>
      )}
      {value && <ProcessesCard status={value.status} now={now} />}
      {value && value.rows.length > 0 && (
        <DeliveryTable
          rows={value.rows}
          bucketSeconds={value.status.bucketSeconds}
          now={now}
        />
      )}
      {value?.rows.length === 0 && (
        <EmptyState
          icon={<RiWaterFlashLine size={32} />}
          title={
            isStarting(value.status) ? 'Starting up' : 'No event types yet'
          }
          description={
            isStarting(value.status)
              ? 'The processes of delivery are being started. This page shows the event types as soon as they are known.'
              : 'Register an event type and send its first event: it is delivered here within a minute after its bucket ends.'
          }
          action={
            registerLink && (
              <ButtonLink href={registerLink()} iconStart={<RiAddLine />}>
                Register an event type
              </ButtonLink>
            )
          }
        />
      )}
    </PageFrame>
  );
}

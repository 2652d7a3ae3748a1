import { Alert, Flex, Skeleton, Text } from '@backstage/ui';
import {
  EmptyState,
  ProblemPanel,
  StatusBadge,
  formatUtcDateTime,
  isNotFound,
  shortRef,
} from '@millrace/plugin-data-platform-react';
import type { RevisionOperation } from '@millrace/plugin-delivery-common';
import { useEffect, useRef } from 'react';
import { ChangesTable } from './ChangesTable';
import { Decision } from './Decision';
import {
  REVISION_KIND,
  REVISION_STATE,
  describeOperation,
  isBalanced,
  isFinished,
} from './describeRevision';
import { useRevision } from './useRevision';
import styles from './Revisions.module.css';

/** Who asked for it, who decided, and why. */
function Facts({ operation }: { operation: RevisionOperation }) {
  const { requestedBy, requestedAt, approvedBy, approvedAt } = operation;
  return (
    <dl className={styles.facts}>
      <dt>Asked for</dt>
      <dd>
        {shortRef(requestedBy)}, {formatUtcDateTime(requestedAt)}
      </dd>
      {approvedBy && (
        <>
          <dt>Decided</dt>
          <dd>
            {shortRef(approvedBy)}
            {approvedAt && `, ${formatUtcDateTime(approvedAt)}`}
          </dd>
        </>
      )}
      {operation.reason && (
        <>
          <dt>Why</dt>
          <dd>{operation.reason}</dd>
        </>
      )}
      {operation.finishedAt && (
        <>
          <dt>Ended</dt>
          <dd>{formatUtcDateTime(operation.finishedAt)}</dd>
        </>
      )}
    </dl>
  );
}

function Operation(props: {
  operation: RevisionOperation;
  mayRevise: boolean;
  onChanged: () => void;
}) {
  const { operation, mayRevise, onChanged } = props;
  const { kind, state, progress, problem, changes } = operation;
  const isAtWork = state === 'previewing' || state === 'running';
  const statusRef = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The button that was pressed may be gone with the state it was for; whoever
    // works by keyboard must not be thrown out of the dialog.
    if (document.activeElement === document.body) {
      statusRef.current?.focus();
    }
  }, [state]);
  return (
    <Flex direction="column" gap="5">
      <Flex align="center" gap="3">
        <StatusBadge status={REVISION_STATE[state].status}>
          {REVISION_STATE[state].word}
        </StatusBadge>
        <div
          role="status"
          ref={statusRef}
          tabIndex={-1}
          className={styles.state}
        >
          <Text as="p" variant="body-large" weight="bold">
            {describeOperation(operation)}.
          </Text>
        </div>
      </Flex>
      {isAtWork && (
        <progress
          className={styles.progress}
          aria-label={`Progress of the ${REVISION_KIND[kind].noun}`}
          value={progress?.done}
          max={progress?.total || 1}
        />
      )}
      {state === 'failed' && problem && (
        <Text as="p" color="secondary">
          Reason code <code>{problem.code}</code>; what to do about it is in the
          operations manual.
        </Text>
      )}
      {changes.length > 0 && (
        <>
          {!isBalanced(changes) && (
            <Alert
              status="danger"
              icon
              title="Before and after do not hold the same number of accepted events"
              description="A repair moves batches or reads them again; none may appear or vanish. Do not start it, and report it."
            />
          )}
          <ChangesTable operation={operation} />
        </>
      )}
      <Facts operation={operation} />
      {!isFinished(operation) &&
        (mayRevise ? (
          <Decision operation={operation} onChanged={onChanged} />
        ) : (
          <Text as="p" color="secondary">
            Deciding is for the platform team; you may follow it here.
          </Text>
        ))}
    </Flex>
  );
}

/** An operation from its preview to its result. */
export function OperationView(props: {
  eventType: string;
  /** As in the address bar; anything may stand there. */
  operationId: string;
  mayRevise: boolean;
}) {
  const { eventType, operationId, mayRevise } = props;
  const { value, error, isLoading, reload } = useRevision(
    eventType,
    operationId,
  );
  return (
    <>
      {isLoading && <Skeleton width="100%" height={240} />}
      {error && !value && isNotFound(error) && (
        <EmptyState
          title="There is no such repair"
          description="The address names an operation of another event type, or none."
        />
      )}
      {error && !(isNotFound(error) && !value) && (
        <ProblemPanel
          what={
            value
              ? 'The repair could not be refreshed; this is what was known.'
              : 'The repair could not be loaded.'
          }
          error={error}
          onRetry={reload}
        />
      )}
      {value && (
        <Operation operation={value} mayRevise={mayRevise} onChanged={reload} />
      )}
    </>
  );
}

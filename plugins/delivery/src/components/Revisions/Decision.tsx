import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button, Flex, Text, TextAreaField } from '@backstage/ui';
import {
  ProblemPanel,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import type { RevisionOperation } from '@millrace/plugin-delivery-common';
import { useState } from 'react';
import { deliveryApiRef } from '../../api';
import { REVISION_KIND } from './describeRevision';

/** The backend wants a reason that says something, and no essay. */
const REASON_LENGTH = { min: 10, max: 1000 };

/**
 * What the caller may decide about an operation: to have it made, with a reason,
 * while it waits for a decision, and to cancel it while it is open.
 */
export function Decision(props: {
  operation: RevisionOperation;
  onChanged: () => void;
}) {
  const { operation, onChanged } = props;
  const { eventType, operationId, kind, state, changes } = operation;
  const api = useApi(deliveryApiRef);
  const [reason, setReason] = useState('');
  const [isAttempted, setAttempted] = useState(false);
  const [pending, setPending] = useState<'approve' | 'cancel'>();
  const [problem, setProblem] = useState<{ what: string; error: Error }>();
  const isReasonGiven = reason.trim().length >= REASON_LENGTH.min;
  const { verb, noun } = REVISION_KIND[kind];
  const mayApprove = state === 'previewed' && changes.length > 0;

  const run = async (
    step: 'approve' | 'cancel',
    what: string,
    request: () => Promise<unknown>,
  ) => {
    setPending(step);
    setProblem(undefined);
    try {
      await request();
      onChanged();
    } catch (cause) {
      // What was filled in stays, to be tried again.
      setProblem({ what, error: toError(cause) });
    }
    setPending(undefined);
  };
  const approve = async () => {
    setAttempted(true);
    if (isReasonGiven) {
      await run('approve', `The ${noun} was not started.`, () =>
        api.approveRevision(eventType, operationId, { reason: reason.trim() }),
      );
    }
  };
  const cancel = () =>
    run('cancel', `The ${noun} was not cancelled.`, () =>
      api.cancelRevision(eventType, operationId),
    );

  return (
    <Flex direction="column" gap="4">
      {mayApprove && (
        <>
          <Text as="p">
            Readers are told of the new revisions. The old ones stay as they are
            and can be read by their number.
          </Text>
          <TextAreaField
            label="Reason"
            secondaryLabel="It is kept in the manifests and in the audit log"
            isRequired
            maxLength={REASON_LENGTH.max}
            value={reason}
            onChange={setReason}
            validationBehavior="aria"
            validate={() =>
              !isAttempted ||
              isReasonGiven ||
              `Say why, in at least ${REASON_LENGTH.min} characters.`
            }
          />
        </>
      )}
      {problem && <ProblemPanel {...problem} />}
      <Flex gap="3">
        {mayApprove && (
          <Button
            isPending={pending === 'approve'}
            isDisabled={pending === 'cancel'}
            onPress={approve}
          >
            {`${verb} ${formatCountOf(changes.length, 'partition')}`}
          </Button>
        )}
        <Button
          variant="secondary"
          isPending={pending === 'cancel'}
          isDisabled={pending === 'approve'}
          onPress={cancel}
        >
          {state === 'previewed' ? 'Discard the preview' : `Cancel the ${noun}`}
        </Button>
      </Flex>
    </Flex>
  );
}

import { Alert, Skeleton, Text, TextAreaField } from '@backstage/ui';
import { ProblemPanel } from '@millrace/plugin-data-platform-react';
import { useState } from 'react';
import { ChangeDialog } from '../SchemaContent/ChangeDialog';
import { describeGrace } from './describeWithdrawal';
import { Footprint } from './Footprint';
import { Readers } from './Readers';
import { useWithdrawal, useWithdrawalClient } from './useWithdrawal';

/** The backend takes no longer one. */
const MAX_REASON_LENGTH = 1000;

/**
 * Withdraws an event type: first what there is of it and what becomes of each,
 * then why.
 */
export function WithdrawDialog(props: {
  name: string;
  onClose: () => void;
  onDone: () => void;
}) {
  const { name, onClose, onDone } = props;
  const client = useWithdrawalClient();
  const { review, footprint, readers } = useWithdrawal(name);
  const [reason, setReason] = useState('');
  const { value, error, isLoading, reload } = review;
  const isBlocked = !value || value.blockers.length > 0;
  return (
    <ChangeDialog
      title={`Withdraw ${name}?`}
      verb="Withdraw"
      failure="It was not withdrawn."
      isReady={!isBlocked && reason.trim() !== ''}
      isDestructive
      change={() => client.withdraw(name, reason.trim())}
      onClose={onClose}
      onDone={onDone}
    >
      {isLoading && <Skeleton width="100%" height={48} />}
      {error && !value && (
        <ProblemPanel
          what="What withdrawing would do could not be loaded."
          error={error}
          onRetry={reload}
        />
      )}
      {value?.blockers.map(({ code, message }) => (
        <Alert
          key={code}
          status="warning"
          icon
          title="It cannot be withdrawn here as it is"
          description={`${message}.`}
        />
      ))}
      {value && (
        <Text as="p">
          {describeGrace(value.graceMs)} Then it is taken down for good, and its
          name is not given out again.
        </Text>
      )}
      <Readers state={readers} />
      <Footprint state={footprint} />
      {!isBlocked && (
        <TextAreaField
          label="Reason"
          secondaryLabel="It is shown on this page and kept in the audit log"
          isRequired
          rows={2}
          maxLength={MAX_REASON_LENGTH}
          value={reason}
          onChange={setReason}
        />
      )}
    </ChangeDialog>
  );
}

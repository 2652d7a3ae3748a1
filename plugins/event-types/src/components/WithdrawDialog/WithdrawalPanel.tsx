import { usePermission } from '@backstage/plugin-permission-react';
import { Alert, Box, Button } from '@backstage/ui';
import { formatUtcDateTime } from '@millrace/plugin-data-platform-react';
import {
  type EventType,
  type Withdrawal,
  eventTypeWithdrawPermission,
} from '@millrace/plugin-event-types-common';
import { useState } from 'react';
import { ChangeDialog } from '../SchemaContent/ChangeDialog';
import { describeRemoval } from './describeWithdrawal';
import { useWithdrawal, useWithdrawalClient } from './useWithdrawal';
import { WithdrawDialog } from './WithdrawDialog';

/** How an event type ends: the way to withdraw it, or how far that has come. */
export function WithdrawalPanel(props: {
  eventType: Pick<EventType, 'name' | 'withdrawal' | 'archivedAt'>;
  onChanged: () => void;
}) {
  const { eventType, onChanged } = props;
  const { name, withdrawal, archivedAt } = eventType;
  const { allowed: mayWithdraw } = usePermission({
    permission: eventTypeWithdrawPermission,
    resourceRef: name,
  });
  if (archivedAt) {
    return (
      <Alert
        mt="4"
        status="danger"
        icon
        title={`Withdrawn and taken down, ${formatUtcDateTime(archivedAt)}`}
        description={`${withdrawal?.reason ?? ''} Its sealed partitions stay.`}
      />
    );
  }
  if (withdrawal?.removalBeganAt) {
    return <BeingRemoved name={name} withdrawal={withdrawal} />;
  }
  if (withdrawal) {
    return (
      <Withdrawn
        name={name}
        withdrawal={withdrawal}
        mayUndo={mayWithdraw}
        onChanged={onChanged}
      />
    );
  }
  return mayWithdraw ? (
    <WithdrawButton name={name} onChanged={onChanged} />
  ) : null;
}

function WithdrawButton(props: { name: string; onChanged: () => void }) {
  const { name, onChanged } = props;
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Box mt="4">
        <Button variant="secondary" onPress={() => setOpen(true)}>
          Withdraw…
        </Button>
      </Box>
      {isOpen && (
        <WithdrawDialog
          name={name}
          onClose={() => setOpen(false)}
          onDone={() => {
            setOpen(false);
            onChanged();
          }}
        />
      )}
    </>
  );
}

function Withdrawn(props: {
  name: string;
  withdrawal: Withdrawal;
  mayUndo: boolean;
  onChanged: () => void;
}) {
  const { name, withdrawal, mayUndo, onChanged } = props;
  const { reason, by, since, endsAt } = withdrawal;
  const client = useWithdrawalClient();
  const [isUndoing, setUndoing] = useState(false);
  return (
    <>
      <Alert
        mt="4"
        status="warning"
        icon
        title={`Withdrawn: ${reason}`}
        description={`By ${by}, ${formatUtcDateTime(
          since,
        )}. It is accepted until ${formatUtcDateTime(
          endsAt,
        )}; then it is taken down for good.`}
        customActions={
          mayUndo && (
            <Button variant="tertiary" onPress={() => setUndoing(true)}>
              Keep it
            </Button>
          )
        }
      />
      {isUndoing && (
        <ChangeDialog
          title={`Keep ${name}?`}
          verb="Keep it"
          failure="It is still withdrawn."
          isReady
          change={() => client.undo(name)}
          onClose={() => setUndoing(false)}
          onDone={() => {
            setUndoing(false);
            onChanged();
          }}
        >
          It goes on as before, and gateways stop telling producers a last day.
        </ChangeDialog>
      )}
    </>
  );
}

function BeingRemoved(props: { name: string; withdrawal: Withdrawal }) {
  const { name, withdrawal } = props;
  const { footprint } = useWithdrawal(name);
  const removal = footprint.value?.found?.removal;
  return (
    <Alert
      mt="4"
      status="danger"
      icon
      title={`Being taken down: ${withdrawal.reason}`}
      description={
        removal
          ? describeRemoval(removal)
          : 'It begins within seconds. Its sealed partitions stay.'
      }
    />
  );
}

import { usePermission } from '@backstage/plugin-permission-react';
import { Dialog, DialogBody, DialogHeader } from '@backstage/ui';
import { DeniedState } from '@millrace/plugin-data-platform-react';
import { partitionRevisePermission } from '@millrace/plugin-delivery-common';
import { OperationView } from './OperationView';
import { RequestRepair } from './RequestRepair';
import type { RepairAddress } from './useRepairAddress';

/**
 * From the choice of partitions over the preview and the decision to the result.
 * Where it stands is the address, which the caller keeps.
 */
export function RepairDialog(props: {
  address: RepairAddress;
  isTypeFixed?: boolean;
  onChange: (address: RepairAddress | undefined) => void;
}) {
  const { address, isTypeFixed = false, onChange } = props;
  const { eventType, operationId } = address;
  const { allowed, loading } = usePermission({
    permission: partitionRevisePermission,
  });
  const close = () => onChange(undefined);
  return (
    <Dialog
      isOpen
      // A click beside it must not throw away what was chosen.
      isDismissable={false}
      onOpenChange={isOpen => {
        if (!isOpen) {
          close();
        }
      }}
      width={1120}
    >
      <DialogHeader>
        {eventType ? `Repair ${eventType}` : 'Repair partitions'}
      </DialogHeader>
      <DialogBody>
        {operationId && (
          <OperationView
            key={operationId}
            eventType={eventType}
            operationId={operationId}
            mayRevise={allowed}
          />
        )}
        {!operationId && allowed && (
          <RequestRepair
            address={address}
            isTypeFixed={isTypeFixed}
            onChange={onChange}
            onRequested={operation =>
              onChange({
                eventType: operation.eventType,
                operationId: operation.operationId,
                buckets: [],
              })
            }
            onClose={close}
          />
        )}
        {!operationId && !allowed && !loading && (
          <DeniedState
            title="You may not make partitions again"
            description="Whoever has read a partition before has read something else, so this is for the platform team. Tell them which partition and why."
          />
        )}
      </DialogBody>
    </Dialog>
  );
}

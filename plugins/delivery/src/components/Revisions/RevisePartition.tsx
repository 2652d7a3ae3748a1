import { usePermission } from '@backstage/plugin-permission-react';
import { Button } from '@backstage/ui';
import { partitionRevisePermission } from '@millrace/plugin-delivery-common';
import { RiHammerLine } from '@remixicon/react';
import { RepairDialog } from './RepairDialog';
import { useRepairAddress } from './useRepairAddress';

/**
 * A button that makes a sealed partition again, and its dialog, which the
 * address bar keeps. Draws no button for who may not; who may follow an operation
 * by its address sees it all the same.
 */
export function RevisePartition(props: {
  eventType: string;
  /** RFC 3339. */
  bucketStart: string;
  /** The live one; a repair starts from it. */
  revision: number;
}) {
  const { eventType, bucketStart, revision } = props;
  const { allowed } = usePermission({ permission: partitionRevisePermission });
  const { address, open } = useRepairAddress();
  return (
    <>
      {allowed && (
        <Button
          variant="secondary"
          iconStart={<RiHammerLine />}
          aria-label={`Repair this partition, now in revision ${revision}`}
          onPress={() => open({ eventType, buckets: [bucketStart] })}
        >
          Repair
        </Button>
      )}
      {address?.eventType === eventType && (
        <RepairDialog address={address} isTypeFixed onChange={open} />
      )}
    </>
  );
}

import {
  AuditFinding,
  AuditFindingCode,
  BatchAccounts,
} from '@millrace/ledger';
import { Remark } from './manifestChecks';

/** What {@link checkAccounts} looks for. */
export const ACCOUNT_CHECKS: AuditFindingCode[] = [
  'batches_differ_from_accepted',
  'declared_events_differ',
  'declared_batches_missing',
];

/** Ranges told of, at most, for one life of a gateway. */
const MAX_RANGES = 20;

/** A remark about batches. */
export type AccountRemark = Remark & Pick<AuditFinding, 'events' | 'gateway'>;

/**
 * Follows the events back to the gateways: what was accepted must be what the
 * batches hold that the partition was sealed from, and of each life of a gateway
 * as many events must have arrived for the bucket as it declared.
 */
export function checkAccounts(
  accepted: number,
  accounts: BatchAccounts,
): AccountRemark[] {
  const remarks: AccountRemark[] = [];
  if (accounts.sealedEvents !== accepted) {
    remarks.push({
      code: 'batches_differ_from_accepted',
      message: `${accepted} events were accepted by the books; the ${accounts.sealedBatches} batches it was sealed from hold ${accounts.sealedEvents}`,
      events: Math.abs(accepted - accounts.sealedEvents),
    });
  }
  for (const account of accounts.gateways) {
    const { gateway, epoch, declaredEvents, arrivedEvents } = account;
    const ranges = rangesOf(account.missingBatches);
    remarks.push(
      ...ranges.slice(0, MAX_RANGES).map(([firstBatch, lastBatch]) => ({
        code: 'declared_batches_missing' as const,
        message: `Batches ${firstBatch} to ${lastBatch} that gateway ${gateway} declared in epoch ${epoch} have never arrived`,
        gateway: { gateway, epoch, firstBatch, lastBatch },
      })),
    );
    // With batches missing the sums cannot agree, and of unreadable ones
    // nobody knows how many events they hold.
    const isComparable = ranges.length === 0 && account.poisonBatches === 0;
    if (isComparable && declaredEvents !== arrivedEvents) {
      remarks.push({
        code: 'declared_events_differ',
        message: `Gateway ${gateway} declared ${declaredEvents} events in epoch ${epoch}; its batches hold ${arrivedEvents}`,
        events: Math.abs(declaredEvents - arrivedEvents),
        gateway: { gateway, epoch },
      });
    }
  }
  return remarks;
}

/** Ascending numbers as first and last of each run without a gap. */
function rangesOf(numbers: number[]): [first: number, last: number][] {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const range = ranges[ranges.length - 1];
    if (range && range[1] === number - 1) {
      range[1] = number;
    } else {
      ranges.push([number, number]);
    }
  }
  return ranges;
}

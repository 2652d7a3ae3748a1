import {
  describeLateness,
  formatBytes,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import type { PartitionDetail } from '@millrace/plugin-delivery-common';

/** A partition in words: what became of the bucket. */
export function describePartition(partition: PartitionDetail): string {
  const { state, empty, delivered, bytes, files, revision } = partition;
  if (state === 'sealing') {
    return 'This bucket is being sealed: its events are merged, cleared of duplicates and written. Readers see nothing of it until it is done.';
  }
  const lateness = describeLateness(partition);
  const which =
    revision > 1 ? `Revision ${revision}, ${lateness}` : `It was ${lateness}`;
  return empty
    ? `${which}. No event was delivered; the partition is sealed all the same, so that readers need not wait for it.`
    : `${which}. It holds ${formatCountOf(
        delivered,
        'event',
      )} in ${formatCountOf(files.length, 'file')}, ${formatBytes(
        bytes,
      )}, and never changes.`;
}

/**
 * The lease under which one worker at a time merges and sweeps the id files of
 * an event type. Not that of sealing: a merge changes no id, so neither waits
 * for the other.
 *
 * @public
 */
export function mergeIdsResource(eventType: string): string {
  return `merge-ids:${eventType}`;
}

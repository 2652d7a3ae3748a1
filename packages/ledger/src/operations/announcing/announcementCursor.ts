/**
 * Who follows the sealed revisions, each at a pace of its own.
 *
 * - `partition-sealed`: publishes each on the events service of the portal.
 * - `revision-notices`: tells owners of new revisions.
 *
 * @public
 */
export type Announcer = 'partition-sealed' | 'revision-notices';

/**
 * The lease under which one process at a time announces.
 *
 * @public
 */
export function announcingResource(announcer: Announcer): string {
  return `announce:${announcer}`;
}

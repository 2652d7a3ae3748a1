/**
 * The lease under which one sealer at a time works on an event type.
 *
 * @public
 */
export function sealResource(eventType: string): string {
  return `seal:${eventType}`;
}

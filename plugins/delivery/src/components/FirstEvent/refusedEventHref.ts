/** The address of the refused events of one id, from that of the event type. */
export function refusedEventHref(entityHref: string, eventId: string): string {
  return `${entityHref}/delivery?${new URLSearchParams({ eventId })}#refused`;
}

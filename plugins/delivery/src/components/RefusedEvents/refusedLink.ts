/** The parts of the address bar that say when refused events were received. */
export const REFUSED_FROM_PARAM = 'refusedFrom';
export const REFUSED_TO_PARAM = 'refusedTo';

/** The address of the refused events that were received in a stretch of time. */
export function refusedHref(
  search: URLSearchParams,
  span: { start: string; end: string },
): string {
  const next = new URLSearchParams(search);
  next.set(REFUSED_FROM_PARAM, span.start);
  next.set(REFUSED_TO_PARAM, span.end);
  return `?${next}#refused`;
}

const HOUR_MS = 60 * 60 * 1000;

/** The times one may look at; refused events are kept for the longest. */
export const RANGES = [
  { id: '1h', label: 'last hour', ms: HOUR_MS },
  { id: '24h', label: 'last 24 hours', ms: 24 * HOUR_MS },
  { id: '7d', label: 'last 7 days', ms: 7 * 24 * HOUR_MS },
  { id: '31d', label: 'last 31 days', ms: 31 * 24 * HOUR_MS },
] as const;

export type RangeId = (typeof RANGES)[number]['id'];

export const DEFAULT_RANGE: RangeId = '24h';

export function rangeOf(id: RangeId) {
  return RANGES.find(range => range.id === id) ?? RANGES[1];
}

/** Narrows what an address bar or a select field gives. */
export function isRangeId(value: unknown): value is RangeId {
  return RANGES.some(({ id }) => id === value);
}

/** When a range begins that ends now; RFC 3339. */
export function sinceOf(id: RangeId, now: Date): string {
  return new Date(now.getTime() - rangeOf(id).ms).toISOString();
}

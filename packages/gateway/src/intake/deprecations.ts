import type { SnapshotDeprecation } from '@millrace/ledger';
import { Judgement } from './judgeEvent';

/**
 * A deprecated event type that a request still sends.
 *
 * @public
 */
export interface DeprecatedEventType extends SnapshotDeprecation {
  type: string;
}

/** The deprecated types among the judged events, each once, as they come. */
export function findDeprecated(
  judgements: readonly Judgement[],
): DeprecatedEventType[] {
  const found = new Map<string, DeprecatedEventType>();
  for (const { eventType } of judgements) {
    if (eventType?.deprecation && !found.has(eventType.name)) {
      found.set(eventType.name, {
        type: eventType.name,
        ...eventType.deprecation,
      });
    }
  }
  return [...found.values()];
}

/**
 * `Deprecation` (RFC 9745) with the earliest time since when, and `Sunset` (RFC
 * 8594) with the end of the earliest last day: what generic clients and proxies
 * understand. Which types they are about is in the body.
 */
export function deprecationHeaders(
  deprecated: readonly DeprecatedEventType[],
): Record<string, string> {
  if (deprecated.length === 0) {
    return {};
  }
  const since = Math.min(
    ...deprecated.map(({ since: text }) => Date.parse(text)),
  );
  const lastDays = deprecated.flatMap(({ endsOn }) => endsOn ?? []).sort();
  return {
    deprecation: `@${Math.floor(since / 1000)}`,
    ...(lastDays.length && {
      sunset: new Date(`${lastDays[0]}T23:59:59Z`).toUTCString(),
    }),
  };
}

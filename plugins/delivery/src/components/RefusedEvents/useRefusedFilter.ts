import type {
  RefusedEventsQuery,
  RefusedReplayState,
} from '@millrace/plugin-delivery-common';
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';
import { DEFAULT_RANGE, type RangeId, isRangeId } from './ranges';
import { REFUSED_FROM_PARAM, REFUSED_TO_PARAM } from './refusedLink';

/** The parts of the address bar that say which refused events are shown. */
const PARAMS = {
  reason: 'reason',
  field: 'field',
  eventId: 'eventId',
  writeKeyId: 'writeKey',
  replayState: 'replayed',
  range: 'within',
  from: REFUSED_FROM_PARAM,
  to: REFUSED_TO_PARAM,
} as const;

/** The replay states in words. */
export const REPLAY_STATES: readonly {
  id: RefusedReplayState;
  label: string;
}[] = [
  { id: 'none', label: 'not replayed' },
  { id: 'replaying', label: 'being replayed' },
  { id: 'replayed', label: 'replayed' },
  { id: 'refused-again', label: 'refused again' },
];

/** Which refused events are shown. */
export interface RefusedFilter {
  reason?: string;
  field?: string;
  eventId?: string;
  writeKeyId?: string;
  replayState?: RefusedReplayState;
  range: RangeId;
  /** Received then or later, in place of the range; RFC 3339. */
  from?: string;
  /** Received before. */
  to?: string;
}

/** What an address bar gives, if it is a time. */
function timeOf(text: string | undefined): string | undefined {
  const ms = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

export interface RefusedFilterState {
  filter: RefusedFilter;
  /** Whether anything but the time range narrows the list. */
  isNarrowed: boolean;
  /** What is given as `undefined` no longer narrows. */
  change: (part: Partial<RefusedFilter>) => void;
  clear: () => void;
}

function isReplayState(value: unknown): value is RefusedReplayState {
  return REPLAY_STATES.some(({ id }) => id === value);
}

/** The query that finds what a filter stands for, without where its time begins. */
export function toQuery(filter: RefusedFilter): RefusedEventsQuery {
  const { reason, field, eventId, writeKeyId, replayState, to } = filter;
  return {
    reason,
    pointer: field,
    eventId,
    writeKeyId,
    replayState,
    ...(to && { until: to }),
  };
}

/** The filter of the address bar, so that a link shows what its sender saw. */
export function useRefusedFilter(): RefusedFilterState {
  const [search, setSearch] = useSearchParams();
  const text = (name: string) => search.get(name) || undefined;
  const reason = text(PARAMS.reason);
  const field = text(PARAMS.field);
  const eventId = text(PARAMS.eventId);
  const writeKeyId = text(PARAMS.writeKeyId);
  const replayState = text(PARAMS.replayState);
  const range = text(PARAMS.range);
  const from = timeOf(text(PARAMS.from));
  const to = timeOf(text(PARAMS.to));

  const filter = useMemo(
    (): RefusedFilter => ({
      reason,
      field,
      eventId,
      writeKeyId,
      replayState: isReplayState(replayState) ? replayState : undefined,
      range: isRangeId(range) ? range : DEFAULT_RANGE,
      from,
      to,
    }),
    [reason, field, eventId, writeKeyId, replayState, range, from, to],
  );
  const change = useCallback(
    (part: Partial<RefusedFilter>) =>
      setSearch(
        current => {
          const next = new URLSearchParams(current);
          for (const [name, value] of Object.entries(part)) {
            const param = Reflect.get(PARAMS, name);
            if (value) {
              next.set(param, String(value));
            } else {
              next.delete(param);
            }
          }
          return next;
        },
        // Narrowing is looking, not going somewhere: "back" leaves the page.
        { replace: true },
      ),
    [setSearch],
  );
  const clear = useCallback(
    () =>
      change({
        reason: undefined,
        field: undefined,
        eventId: undefined,
        writeKeyId: undefined,
        replayState: undefined,
        from: undefined,
        to: undefined,
      }),
    [change],
  );
  const isNarrowed = Object.values(toQuery(filter)).some(Boolean);
  return { filter, isNarrowed, change, clear };
}

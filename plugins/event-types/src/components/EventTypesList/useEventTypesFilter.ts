import { useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';
import {
  type EventTypeListItem,
  TIERS,
  type Tier,
} from '@millrace/plugin-event-types-common';

/** Where each filter stands in the address bar. */
export const FILTER_PARAMS = {
  owner: 'owner',
  tier: 'tier',
  status: 'status',
  mine: 'mine',
} as const;

/** How the newest declaration of an event type fared. */
export const DECLARATION_STATES = [
  { id: 'in-force', label: 'newest in force' },
  { id: 'refused', label: 'newest refused' },
] as const;

export type DeclarationState = (typeof DECLARATION_STATES)[number]['id'];

/** Which event types are listed. */
export interface EventTypesFilter {
  owner?: string;
  tier?: Tier;
  status?: DeclarationState;
  /** Only those of the groups one belongs to. */
  isMine: boolean;
}

/** What the newest declaration of an event type came to. */
export function declarationState({
  declarationProblems,
}: EventTypeListItem): DeclarationState {
  return declarationProblems?.length ? 'refused' : 'in-force';
}

/**
 * The filter of the address bar. What stands there and is not known narrows
 * nothing, but an owner, who may have had event types when the link was made.
 */
export function useEventTypesFilter(): EventTypesFilter {
  const [params] = useSearchParams();
  const owner = params.get(FILTER_PARAMS.owner) ?? undefined;
  const tier = params.get(FILTER_PARAMS.tier);
  const status = params.get(FILTER_PARAMS.status);
  const isMine = params.get(FILTER_PARAMS.mine) === 'true';
  return useMemo(
    () => ({
      owner,
      tier: TIERS.find(known => known === tier),
      status: DECLARATION_STATES.find(({ id }) => id === status)?.id,
      isMine,
    }),
    [owner, tier, status, isMine],
  );
}

/** The event types that a filter lets through. */
export function filterEventTypes<T extends EventTypeListItem>(
  eventTypes: T[],
  { owner, tier, status, isMine }: EventTypesFilter,
  /** The references one owns by; nothing is one's own while they are not known. */
  ownershipRefs: ReadonlySet<string>,
): T[] {
  return eventTypes.filter(
    eventType =>
      (!owner || eventType.owner === owner) &&
      (!tier || eventType.tier === tier) &&
      (!status || declarationState(eventType) === status) &&
      (!isMine || ownershipRefs.has(eventType.owner)),
  );
}

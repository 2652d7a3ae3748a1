import type { SortDescriptor } from '@backstage/ui';
import {
  DECLARATION_STATES,
  EVENT_TYPE_SORTS,
  type EventTypeCriteria,
  type EventTypeSort,
  TIERS,
} from '@millrace/plugin-event-types-common';
import { useMemo } from 'react';
import type { EventTypeQuery } from '../../api';
import { type FindQueryState, useFindQuery } from './useFindQuery';

export const DEFAULT_SORT: SortDescriptor = {
  column: 'name',
  direction: 'ascending',
};

/** What is asked of the list of event types. */
export interface EventTypesQuery {
  state: FindQueryState;
  /** What the address says, as far as it is known. */
  criteria: EventTypeCriteria;
  sort?: SortDescriptor;
  /** What is sent to the backend. */
  request: EventTypeQuery;
}

/** A known value as a list of one; what nobody knows narrows nothing. */
function known<T extends string>(
  values: readonly T[],
  value: string | undefined,
): T[] | undefined {
  const found = values.find(each => each === value);
  return found && [found];
}

/**
 * The list of event types that the address asks for. An owner or a meaning that
 * nobody has narrows to nothing: somebody may have had it when the link was made.
 */
export function useEventTypesQuery(): EventTypesQuery {
  const state = useFindQuery();
  return useMemo(() => {
    const { cursor, isMine, owner, semanticType, text } = state;
    const criteria: EventTypeCriteria = {
      text,
      owners: owner ? [owner] : undefined,
      tiers: known(TIERS, state.tier),
      states: known(DECLARATION_STATES, state.state),
      semanticTypes: semanticType ? [semanticType] : undefined,
      isMine,
    };
    const column = EVENT_TYPE_SORTS.find(each => each === state.sort?.column);
    const sort: EventTypeQuery['sort'] = column && signed(column, state.sort);
    return {
      state,
      criteria,
      sort: column && state.sort,
      request: { ...criteria, cursor, sort },
    };
  }, [state]);
}

function signed(
  column: EventTypeSort,
  sort: SortDescriptor | undefined,
): EventTypeQuery['sort'] {
  return sort?.direction === 'descending' ? `-${column}` : column;
}

import type { SortDescriptor } from '@backstage/ui';
import { FIELD_SORTS } from '@millrace/plugin-event-types-common';
import { useMemo } from 'react';
import type { FieldQuery } from '../../api';
import { type FindQueryState, useFindQuery } from './useFindQuery';

export const DEFAULT_FIELD_SORT: SortDescriptor = {
  column: 'event-type',
  direction: 'ascending',
};

/** What is asked of the list of fields. */
export interface FieldsQuery {
  state: FindQueryState;
  sort?: SortDescriptor;
  /** What is sent to the backend. */
  request: FieldQuery;
}

/** The list of fields that the address asks for. */
export function useFieldsQuery(): FieldsQuery {
  const state = useFindQuery();
  return useMemo(() => {
    const { cursor, isMine, owner, semanticType, text } = state;
    const column = FIELD_SORTS.find(each => each === state.sort?.column);
    const isDescending = state.sort?.direction === 'descending';
    return {
      state,
      sort: column && state.sort,
      request: {
        text,
        owners: owner ? [owner] : undefined,
        semanticTypes: semanticType ? [semanticType] : undefined,
        isMine,
        cursor,
        sort: column && (isDescending ? (`-${column}` as const) : column),
      },
    };
  }, [state]);
}

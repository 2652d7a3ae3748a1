import type { SortDescriptor } from '@backstage/ui';
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';

/** Where each choice stands in the address bar. */
export const PARAMS = {
  text: 'q',
  sort: 'sort',
  cursor: 'cursor',
  owner: 'owner',
  tier: 'tier',
  state: 'status',
  semanticType: 'semanticType',
  mine: 'mine',
} as const;

export type Choice = keyof typeof PARAMS;

/** What is asked of a list, as it stands in the address; nothing of it checked. */
export interface FindQueryState {
  text: string;
  cursor?: string;
  sort?: SortDescriptor;
  owner?: string;
  tier?: string;
  state?: string;
  semanticType?: string;
  isMine: boolean;
  /** Whether anything narrows the list. */
  isNarrowed: boolean;
  /**
   * Changes choices; undefined or empty takes one away. Anything but the cursor
   * leads back to the first page.
   */
  change: (choices: { [choice in Choice]?: string }) => void;
  /** Takes away everything that narrows. */
  clear: () => void;
}

const NARROWING: readonly Choice[] = [
  'text',
  'owner',
  'tier',
  'state',
  'semanticType',
  'mine',
];

/** A sort as the address and the backend write it. */
export function sortText({ column, direction }: SortDescriptor): string {
  return `${direction === 'descending' ? '-' : ''}${column}`;
}

function parseSort(text: string | null): SortDescriptor | undefined {
  if (!text) {
    return undefined;
  }
  return text.startsWith('-')
    ? { column: text.slice(1), direction: 'descending' }
    : { column: text, direction: 'ascending' };
}

/**
 * What is asked of a list, in the address of its page: a link shows what its
 * sender saw. Narrowing is looking and not going somewhere, so it leaves no
 * history; turning a page does, so that "back" turns it back.
 */
export function useFindQuery(): FindQueryState {
  const [params, setParams] = useSearchParams();
  const change = useCallback(
    (choices: { [choice in Choice]?: string }) =>
      setParams(
        current => {
          const next = new URLSearchParams(current);
          next.delete(PARAMS.cursor);
          for (const [choice, param] of Object.entries(PARAMS)) {
            if (Object.hasOwn(choices, choice)) {
              const value: unknown = Reflect.get(choices, choice);
              if (typeof value === 'string' && value) {
                next.set(param, value);
              } else {
                next.delete(param);
              }
            }
          }
          return next;
        },
        { replace: !('cursor' in choices) },
      ),
    [setParams],
  );
  const clear = useCallback(
    () =>
      change(Object.fromEntries(NARROWING.map(choice => [choice, undefined]))),
    [change],
  );
  return useMemo(() => {
    const valueOf = (choice: Choice) => params.get(PARAMS[choice]) || undefined;
    return {
      text: valueOf('text') ?? '',
      cursor: valueOf('cursor'),
      sort: parseSort(params.get(PARAMS.sort)),
      owner: valueOf('owner'),
      tier: valueOf('tier'),
      state: valueOf('state'),
      semanticType: valueOf('semanticType'),
      isMine: valueOf('mine') === 'true',
      isNarrowed: NARROWING.some(choice => valueOf(choice) !== undefined),
      change,
      clear,
    };
  }, [params, change, clear]);
}

import type { PollingState } from '@millrace/plugin-data-platform-react';
import { useEffect, useState } from 'react';
import { type EventTypeDelivery, useEventTypeDelivery } from './useDelivery';

/** Somebody watches, and most steps take seconds. */
const WATCHING_MS = 1500;

/** Nobody watches a step any more; only the words on the page age. */
const SETTLED_MS = 30_000;

/**
 * How one event type is delivered, for who watches it come to life: asked for
 * every moment until its first partition is sealed, and rarely afterwards.
 */
export function useFirstDelivery(
  name: string,
): PollingState<EventTypeDelivery> {
  const [delivering, setDelivering] = useState<string>();
  const isDelivering = delivering === name;
  const state = useEventTypeDelivery(name, {
    intervalMs: isDelivering ? SETTLED_MS : WATCHING_MS,
  });
  const isReached = state.value?.row.conditions.every(({ reached }) => reached);
  useEffect(() => {
    if (isReached) {
      setDelivering(name);
    }
  }, [isReached, name]);
  return state;
}

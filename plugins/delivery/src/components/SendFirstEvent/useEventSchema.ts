import { fetchApiRef, useApi } from '@backstage/frontend-plugin-api';
import { useEffect, useState } from 'react';

/**
 * The Avro record of an event type, if somebody serves it. Event types are
 * another family, which may not be installed or may know the schema elsewhere:
 * without it the examples have empty data, and nothing else is lost.
 */
export function useEventSchema(name: string): {
  isLoading: boolean;
  schema?: unknown;
} {
  const { fetch } = useApi(fetchApiRef);
  const [state, setState] = useState<{ name: string; schema?: unknown }>();

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const load = async () => {
      let schema: unknown;
      try {
        const response = await fetch(
          `plugin://event-types/event-types/${encodeURIComponent(name)}`,
          { signal },
        );
        schema = response.ok ? (await response.json()).schema : undefined;
      } catch {
        schema = undefined;
      }
      if (!signal.aborted) {
        setState({ name, schema });
      }
    };
    load();
    return () => controller.abort();
  }, [fetch, name]);

  return state?.name === name
    ? { isLoading: false, schema: state.schema }
    : { isLoading: true };
}

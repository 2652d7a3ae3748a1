import { CodegenEventType } from '@millrace/schema';
import { UsageError } from '../errors';
import { readEventType } from './readEventType';

const TIMEOUT_MS = 60_000;

/**
 * The event types of a portal, as far as the token lets them be read.
 *
 * @param token - of a user or a service; never part of an error
 * @throws UsageError `codegen_failed`
 */
export async function fetchEventTypes(
  portal: URL,
  token: string | undefined,
): Promise<CodegenEventType[]> {
  const base = portal.href.replace(/\/+$/, '');
  const url = `${base}/api/event-types/event-types?schema=true`;
  const response = await fetch(url, {
    headers: {
      accept: 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(error => {
    throw new UsageError(
      'codegen_failed',
      `The portal at ${base} cannot be reached: ${
        (error as Error).cause ?? (error as Error).message
      }`,
      'See that it runs, and that --from is its address.',
    );
  });
  if (!response.ok) {
    throw new UsageError(
      'codegen_failed',
      `The portal answered ${response.status} to the list of event types.`,
      response.status === 401 || response.status === 403
        ? 'Give a token that may read event types, with --token or in MILLRACE_TOKEN.'
        : 'See that --from is the address of a Millrace portal.',
    );
  }
  const list: unknown = await response.json().catch(() => undefined);
  const items =
    typeof list === 'object' && list !== null && 'items' in list
      ? list.items
      : undefined;
  if (!Array.isArray(items)) {
    throw new UsageError(
      'codegen_failed',
      'The answer of the portal is no list of event types.',
      'See that --from is the address of a Millrace portal.',
    );
  }
  return items.map((item: Record<string, unknown>) =>
    readEventType(
      {
        name: item.name,
        description: item.description,
        version: item.version,
        schema: item.schema,
      },
      `the portal's event type ${JSON.stringify(item.name)}`,
    ),
  );
}

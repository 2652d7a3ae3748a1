import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { ResponseError } from '@backstage/errors';
import type { EventTypePage } from '@millrace/plugin-event-types-common';
import type { ReadPage } from './EventTypeCollatorFactory';

/** Event types with all their fields: small enough for any memory. */
const PAGE_SIZE = 100;

/**
 * Reads pages from the event types backend, in the name of the plugin that asks.
 *
 * @throws ResponseError when the event types backend refuses or is not ready
 */
export function createReadPage(options: {
  auth: AuthService;
  discovery: DiscoveryService;
}): ReadPage {
  const { auth, discovery } = options;
  return async cursor => {
    const [baseUrl, { token }] = await Promise.all([
      discovery.getBaseUrl('event-types'),
      auth.getPluginRequestToken({
        onBehalfOf: await auth.getOwnServiceCredentials(),
        targetPluginId: 'event-types',
      }),
    ]);
    const query = new URLSearchParams({
      limit: String(PAGE_SIZE),
      fields: 'true',
      ...(cursor !== undefined && { cursor }),
    });
    const response = await fetch(`${baseUrl}/event-types?${query}`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    if (!response.ok) {
      throw await ResponseError.fromResponse(response);
    }
    const page: EventTypePage = await response.json();
    return page;
  };
}

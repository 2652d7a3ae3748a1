import type { HttpAuthService } from '@backstage/backend-plugin-api';
import { eventTypeReadPermission } from '@millrace/plugin-event-types-common';
import type { EventTypeRegistry } from '../registry';
import type { Route } from './route';

/**
 * By which other plugins find out cheaply whether anything has changed.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /generations` | name, generation and time of change of every readable event type |
 *
 * With thousands of event types this is a hundredth of the list with schemas, so
 * it can be asked for every few seconds. The registry must be the authorized one.
 */
export function createGenerationRoutes(options: {
  httpAuth: HttpAuthService;
  registry: EventTypeRegistry;
}): Route[] {
  const { httpAuth, registry } = options;
  return [
    {
      method: 'get',
      path: '/generations',
      permission: eventTypeReadPermission,
      handler: async (req, res) => {
        const credentials = await httpAuth.credentials(req, {
          allow: ['user', 'service'],
        });
        res.json({
          items: await registry.listGenerations({}, { credentials }),
        });
      },
    },
  ];
}

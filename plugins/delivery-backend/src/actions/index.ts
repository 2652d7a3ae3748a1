import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { registerWhyAreEventsRefused } from './registerWhyAreEventsRefused';
import { registerWhyIsItLate } from './registerWhyIsItLate';
import type { ActionOptions } from './types';

/**
 * Registers what agents can ask about delivery. Each action asks for the same
 * permissions as the routes, with the credentials of whoever calls it; none of
 * them changes anything. docs/agents.md lists them.
 */
export function registerActions(
  actions: ActionsRegistryService,
  options: ActionOptions,
): void {
  registerWhyIsItLate(actions, options);
  registerWhyAreEventsRefused(actions, options);
}

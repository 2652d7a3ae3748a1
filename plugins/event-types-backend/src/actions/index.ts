import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { registerDraftRegistration } from './registerDraftRegistration';
import { registerExplainField } from './registerExplainField';
import { registerFindEventTypes } from './registerFindEventTypes';
import type { ActionOptions } from './types';

/**
 * Registers what agents can do with event types.
 *
 * Each action acts with the credentials of whoever calls it, through the same
 * authorized services as the routes, so it can do nothing that a route would
 * refuse. Inputs and outputs are bounded; what changes something is audited.
 * docs/agents.md lists them.
 */
export function registerActions(
  actions: ActionsRegistryService,
  options: ActionOptions,
): void {
  registerFindEventTypes(actions, options);
  registerExplainField(actions, options);
  registerDraftRegistration(actions, options);
}

import type { PermissionsService } from '@backstage/backend-plugin-api';
import {
  type PermissionRuleset,
  createConditionAuthorizer,
} from '@backstage/plugin-permission-node';
import { eventTypeUpdatePermission } from '@millrace/plugin-event-types-common';
import type {
  EventTypePermissionFilter,
  EventTypeResource,
} from '@millrace/plugin-event-types-node';
import type { RegistryOptions } from '../registry';

/**
 * Tells beforehand whether the registry would let somebody act for an owner; the
 * registry itself asks again.
 */
export class OwnerGate {
  readonly #permissions: PermissionsService;
  readonly #holds: ReturnType<
    typeof createConditionAuthorizer<EventTypeResource>
  >;

  constructor(options: {
    permissions: PermissionsService;
    ruleset: PermissionRuleset<EventTypeResource, EventTypePermissionFilter>;
  }) {
    this.#permissions = options.permissions;
    this.#holds = createConditionAuthorizer(options.ruleset);
  }

  async mayActFor(
    resource: EventTypeResource,
    options: RegistryOptions,
  ): Promise<boolean> {
    const [decision] = await this.#permissions.authorizeConditional(
      [{ permission: eventTypeUpdatePermission }],
      options,
    );
    return this.#holds(decision, resource);
  }
}

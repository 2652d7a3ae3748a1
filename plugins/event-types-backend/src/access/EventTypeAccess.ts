import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  type PermissionRuleset,
  createConditionAuthorizer,
} from '@backstage/plugin-permission-node';
import { eventTypeUpdatePermission } from '@millrace/plugin-event-types-common';
import type {
  EventTypePermissionFilter,
  EventTypeResource,
} from '@millrace/plugin-event-types-node';

/**
 * Asks the policy whether a caller may change an event type, for changes that
 * do not go through the registry: what is kept beside an event type.
 */
export class EventTypeAccess {
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

  /** @throws NotAllowedError when the caller may not update it */
  async requireUpdate(
    eventType: EventTypeResource,
    options: { credentials: BackstageCredentials },
  ): Promise<void> {
    const [decision] = await this.#permissions.authorizeConditional(
      [{ permission: eventTypeUpdatePermission }],
      options,
    );
    if (!this.#holds(decision, eventType)) {
      throw new NotAllowedError(
        `You may not change event type '${eventType.name}'; ask its owner, ${eventType.owner}`,
      );
    }
  }
}

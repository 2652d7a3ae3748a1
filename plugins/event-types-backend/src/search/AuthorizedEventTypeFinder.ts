import type {
  BackstageCredentials,
  AuthService,
  PermissionsService,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  type PermissionRuleset,
  createConditionTransformer,
} from '@backstage/plugin-permission-node';
import {
  type EventTypePage,
  type FieldPage,
  eventTypeReadPermission,
} from '@millrace/plugin-event-types-common';
import type {
  EventTypePermissionFilter,
  EventTypeResource,
} from '@millrace/plugin-event-types-node';
import type { DefaultEventTypeFinder } from './DefaultEventTypeFinder';
import type {
  EventTypeFinder,
  FindEventTypesRequest,
  FindFieldsRequest,
  Scope,
} from './types';

/**
 * Lets find only what the permission policy allows to read. The decision becomes
 * part of the query: what may not be read is in no page, in no count and in no
 * facet.
 */
export class AuthorizedEventTypeFinder implements EventTypeFinder {
  readonly #auth: AuthService;
  readonly #finder: DefaultEventTypeFinder;
  readonly #permissions: PermissionsService;
  readonly #userInfo: UserInfoService;
  readonly #toFilter: ReturnType<
    typeof createConditionTransformer<EventTypePermissionFilter>
  >;

  constructor(options: {
    auth: AuthService;
    finder: DefaultEventTypeFinder;
    permissions: PermissionsService;
    ruleset: PermissionRuleset<EventTypeResource, EventTypePermissionFilter>;
    userInfo: UserInfoService;
  }) {
    this.#auth = options.auth;
    this.#finder = options.finder;
    this.#permissions = options.permissions;
    this.#userInfo = options.userInfo;
    this.#toFilter = createConditionTransformer(options.ruleset);
  }

  async findEventTypes(
    request: FindEventTypesRequest,
    options: { credentials: BackstageCredentials },
  ): Promise<EventTypePage> {
    const scope = await this.#scopeOf(request.criteria, options);
    return scope
      ? await this.#finder.findEventTypes(request, scope)
      : {
          items: [],
          total: 0,
          readable: 0,
          owners: 0,
          tiers: { critical: 0, normal: 0, low: 0 },
          facets: { owner: [], tier: [], state: [], semanticType: [] },
        };
  }

  async findFields(
    request: FindFieldsRequest,
    options: { credentials: BackstageCredentials },
  ): Promise<FieldPage> {
    const scope = await this.#scopeOf(request.criteria, options);
    return scope
      ? await this.#finder.findFields(request, scope)
      : {
          items: [],
          total: 0,
          eventTypes: 0,
          readable: 0,
          facets: { owner: [], semanticType: [] },
        };
  }

  /** Undefined when nothing may be read. */
  async #scopeOf(
    criteria: { isMine?: boolean },
    { credentials }: { credentials: BackstageCredentials },
  ): Promise<Scope | undefined> {
    const [decision] = await this.#permissions.authorizeConditional(
      [{ permission: eventTypeReadPermission }],
      { credentials },
    );
    if (decision.result === AuthorizeResult.DENY) {
      return undefined;
    }
    return {
      filter:
        decision.result === AuthorizeResult.CONDITIONAL
          ? this.#toFilter(decision.conditions)
          : undefined,
      ownershipRefs: criteria.isMine ? await this.#ownedBy(credentials) : [],
    };
  }

  /** A program owns nothing. */
  async #ownedBy(credentials: BackstageCredentials): Promise<string[]> {
    if (!this.#auth.isPrincipal(credentials, 'user')) {
      return [];
    }
    const { ownershipEntityRefs } = await this.#userInfo.getUserInfo(
      credentials,
    );
    return ownershipEntityRefs;
  }
}

import type { PermissionsService } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  type PermissionCriteria,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import {
  type PermissionRuleset,
  createConditionAuthorizer,
  createConditionTransformer,
} from '@backstage/plugin-permission-node';
import {
  type EventType,
  type EventTypeGeneration,
  type EventTypeListItem,
  type EventTypeVersion,
  eventTypeCreatePermission,
  eventTypeReadPermission,
  eventTypeUpdatePermission,
  type eventTypeWithdrawPermission,
} from '@millrace/plugin-event-types-common';
import type {
  EventTypePermissionFilter,
  EventTypeResource,
} from '@millrace/plugin-event-types-node';
import { EventTypeNotFoundError, NotOwnerError, problem } from '../errors';
import type {
  EventTypeRegistry,
  ParsedDeclaration,
  RegistryOptions,
  WriteOutcome,
} from './types';

type Ruleset = PermissionRuleset<EventTypeResource, EventTypePermissionFilter>;

/**
 * Lets through only what the permission policy allows.
 *
 * - Lists hold what may be read; the decision becomes part of the query.
 * - Who may not read an event type cannot tell whether it exists.
 * - One may register or hand over an event type only for an owner with which
 *   one could still update it: nobody plants work on another team. Which owners
 *   those are is the policy's word (an ownership condition, or a plain allow
 *   for the platform team), not a second rule kept here.
 */
export class AuthorizedEventTypeRegistry implements EventTypeRegistry {
  readonly #registry: EventTypeRegistry;
  readonly #permissions: PermissionsService;
  readonly #holds: (
    decision: PolicyDecision,
    resource: EventTypeResource | undefined,
  ) => boolean;
  readonly #toFilter: ReturnType<
    typeof createConditionTransformer<EventTypePermissionFilter>
  >;

  constructor(options: {
    registry: EventTypeRegistry;
    permissions: PermissionsService;
    ruleset: Ruleset;
  }) {
    this.#registry = options.registry;
    this.#permissions = options.permissions;
    this.#holds = createConditionAuthorizer(options.ruleset);
    this.#toFilter = createConditionTransformer(options.ruleset);
  }

  async listItems(
    _request: {},
    options: RegistryOptions,
  ): Promise<EventTypeListItem[]> {
    const readable = await this.#readableFilter(options);
    return readable ? await this.#registry.listItems(readable, options) : [];
  }

  async list(_request: {}, options: RegistryOptions): Promise<EventType[]> {
    const readable = await this.#readableFilter(options);
    return readable ? await this.#registry.list(readable, options) : [];
  }

  async listGenerations(
    _request: {},
    options: RegistryOptions,
  ): Promise<EventTypeGeneration[]> {
    const readable = await this.#readableFilter(options);
    return readable
      ? await this.#registry.listGenerations(readable, options)
      : [];
  }

  async get(
    request: { name: string },
    options: RegistryOptions,
  ): Promise<EventType> {
    return await this.#getAllowed(
      request.name,
      await this.#decide(eventTypeReadPermission, options),
      options,
    );
  }

  async listVersions(
    request: { name: string },
    options: RegistryOptions,
  ): Promise<EventTypeVersion[]> {
    await this.get(request, options);
    return await this.#registry.listVersions(request, options);
  }

  async create(
    request: { declaration: ParsedDeclaration },
    options: RegistryOptions,
  ): Promise<EventType> {
    const [decision] = await this.#permissions.authorize(
      [{ permission: eventTypeCreatePermission }],
      options,
    );
    if (decision.result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError('You may not register event types');
    }
    this.#assertMayActFor(
      request.declaration,
      await this.#decide(eventTypeUpdatePermission, options),
    );
    return await this.#registry.create(request, options);
  }

  async update(
    request: { declaration: ParsedDeclaration; ifGeneration?: number },
    options: RegistryOptions,
  ): Promise<{ eventType: EventType; outcome: WriteOutcome }> {
    const { declaration } = request;
    const decision = await this.#decide(eventTypeUpdatePermission, options);
    const current = await this.#getAllowed(declaration.name, decision, options);
    this.#assertMayActFor(declaration, decision);
    return await this.#registry.update(
      // What was allowed is a change of exactly this generation: the owner may
      // be another one a moment later.
      { declaration, ifGeneration: request.ifGeneration ?? current.generation },
      options,
    );
  }

  /**
   * The event type, if the caller may do with it what the permission says.
   *
   * @throws NotAllowedError; also when it does not exist and the caller may not
   * know that
   * @throws EventTypeNotFoundError
   */
  async requireAllowed(
    request: {
      name: string;
      permission:
        | typeof eventTypeReadPermission
        | typeof eventTypeUpdatePermission
        | typeof eventTypeWithdrawPermission;
    },
    options: RegistryOptions,
  ): Promise<EventType> {
    return await this.#getAllowed(
      request.name,
      await this.#decide(request.permission, options),
      options,
    );
  }

  async #decide(
    permission:
      | typeof eventTypeReadPermission
      | typeof eventTypeUpdatePermission
      | typeof eventTypeWithdrawPermission,
    options: RegistryOptions,
  ): Promise<PolicyDecision> {
    const [decision] = await this.#permissions.authorizeConditional(
      [{ permission }],
      options,
    );
    return decision;
  }

  async #readableFilter(
    options: RegistryOptions,
  ): Promise<
    { filter?: PermissionCriteria<EventTypePermissionFilter> } | undefined
  > {
    const decision = await this.#decide(eventTypeReadPermission, options);
    switch (decision.result) {
      case AuthorizeResult.ALLOW:
        return {};
      case AuthorizeResult.CONDITIONAL:
        return { filter: this.#toFilter(decision.conditions) };
      default:
        return undefined;
    }
  }

  async #getAllowed(
    name: string,
    decision: PolicyDecision,
    options: RegistryOptions,
  ): Promise<EventType> {
    const refusal = new NotAllowedError(
      `You may not do this to event type '${name}'`,
    );
    if (decision.result === AuthorizeResult.DENY) {
      throw refusal;
    }
    try {
      const eventType = await this.#registry.get({ name }, options);
      if (!this.#holds(decision, eventType)) {
        throw refusal;
      }
      return eventType;
    } catch (error) {
      if (
        error instanceof EventTypeNotFoundError &&
        decision.result !== AuthorizeResult.ALLOW
      ) {
        throw refusal;
      }
      throw error;
    }
  }

  #assertMayActFor(
    declaration: ParsedDeclaration,
    decision: PolicyDecision,
  ): void {
    const { name, owner } = declaration;
    if (!this.#holds(decision, { name, owner })) {
      throw new NotOwnerError([
        problem(
          'not_owner',
          '/owner',
          `You may not act for ${owner}; choose an owner you belong to, or ask the platform team`,
        ),
      ]);
    }
  }
}

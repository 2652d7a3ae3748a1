import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  type BasicPermission,
  type PolicyDecision,
  type ResourcePermission,
} from '@backstage/plugin-permission-common';
import {
  createConditionAuthorizer,
  type PermissionRuleset,
} from '@backstage/plugin-permission-node';
import type {
  DataEndpointPermissionFilter,
  DataEndpointResource,
} from './dataEndpointResourceRef';

type Ruleset = PermissionRuleset<
  DataEndpointResource,
  DataEndpointPermissionFilter
>;

/**
 * Asks the permission policy, and turns a no into an error.
 *
 * Conditions on data endpoints are judged here, on a resource that is loaded
 * anyway, instead of by a round trip through the permission backend.
 */
export class AccessControl {
  readonly #permissions: PermissionsService;
  readonly #holds: (
    decision: PolicyDecision,
    resource: DataEndpointResource | undefined,
  ) => boolean;

  constructor(options: { permissions: PermissionsService; ruleset: Ruleset }) {
    this.#permissions = options.permissions;
    this.#holds = createConditionAuthorizer(options.ruleset);
  }

  /** Whether the credentials hold a permission. */
  async isAllowed(
    permission: BasicPermission,
    credentials: BackstageCredentials,
  ): Promise<boolean> {
    const [decision] = await this.#permissions.authorize([{ permission }], {
      credentials,
    });
    return decision.result === AuthorizeResult.ALLOW;
  }

  /** @throws NotAllowedError */
  async require(
    permission: BasicPermission,
    credentials: BackstageCredentials,
  ): Promise<void> {
    if (!(await this.isAllowed(permission, credentials))) {
      throw new NotAllowedError(`This needs the permission ${permission.name}`);
    }
  }

  /** Whether the credentials hold a permission for a data endpoint. */
  async isAllowedFor(
    permission: ResourcePermission,
    endpoint: DataEndpointResource,
    credentials: BackstageCredentials,
  ): Promise<boolean> {
    return this.#holds(await this.#decide(permission, credentials), endpoint);
  }

  /** @throws NotAllowedError */
  async requireFor(
    permission: ResourcePermission,
    endpoint: DataEndpointResource,
    credentials: BackstageCredentials,
  ): Promise<void> {
    const decision = await this.#decide(permission, credentials);
    if (!this.#holds(decision, endpoint)) {
      throw new NotAllowedError(
        `This needs the permission ${permission.name} for the data endpoint '${endpoint.name}', which ${endpoint.owner} owns`,
      );
    }
  }

  /** Those of the data endpoints the permission is held for, in one decision. */
  async allowedAmong<T extends DataEndpointResource>(
    permission: ResourcePermission,
    endpoints: T[],
    credentials: BackstageCredentials,
  ): Promise<T[]> {
    const decision = await this.#decide(permission, credentials);
    return endpoints.filter(endpoint => this.#holds(decision, endpoint));
  }

  /** Whether the credentials hold a permission for every data endpoint. */
  async isAllowedForAll(
    permission: ResourcePermission,
    credentials: BackstageCredentials,
  ): Promise<boolean> {
    const { result } = await this.#decide(permission, credentials);
    return result === AuthorizeResult.ALLOW;
  }

  /**
   * Requires a permission for every data endpoint there may be, known or not.
   *
   * @throws NotAllowedError
   */
  async requireForAll(
    permission: ResourcePermission,
    credentials: BackstageCredentials,
  ): Promise<void> {
    if (!(await this.isAllowedForAll(permission, credentials))) {
      throw new NotAllowedError(
        `This needs the permission ${permission.name} for all data endpoints`,
      );
    }
  }

  async #decide(
    permission: ResourcePermission,
    credentials: BackstageCredentials,
  ): Promise<PolicyDecision> {
    const [decision] = await this.#permissions.authorizeConditional(
      [{ permission }],
      { credentials },
    );
    return decision;
  }
}

import type { UserInfoService } from '@backstage/backend-plugin-api';
import {
  AuthorizeResult,
  type PolicyDecision,
  isResourcePermission,
} from '@backstage/plugin-permission-common';
import type {
  PermissionPolicy,
  PolicyQuery,
  PolicyQueryUser,
} from '@backstage/plugin-permission-node';
import { GRANTS } from './grants';

const ALLOW: PolicyDecision = { result: AuthorizeResult.ALLOW };
const DENY: PolicyDecision = { result: AuthorizeResult.DENY };

/**
 * The default policy: what is not granted is denied.
 *
 * Nobody who has not signed in may do anything. Permissions of plugins the
 * policy does not know are denied to everybody, the platform team included, so
 * that adding a plugin never opens something by accident. Requests of backend
 * plugins in their own name do not come here; the framework lets them through.
 *
 * @internal
 */
export class DataPlatformPolicy implements PermissionPolicy {
  readonly #userInfo: UserInfoService;
  readonly #platformTeam: string | undefined;

  constructor(options: { userInfo: UserInfoService; platformTeam?: string }) {
    this.#userInfo = options.userInfo;
    this.#platformTeam = options.platformTeam;
  }

  async handle(
    request: PolicyQuery,
    user?: PolicyQueryUser,
  ): Promise<PolicyDecision> {
    const { permission } = request;
    const grant = GRANTS.get(permission.name);
    if (!user || !grant) {
      return DENY;
    }
    if (grant.to === 'signed-in') {
      return ALLOW;
    }

    const { ownershipEntityRefs } = await this.#userInfo.getUserInfo(
      user.credentials,
    );
    if (
      this.#platformTeam !== undefined &&
      ownershipEntityRefs.includes(this.#platformTeam)
    ) {
      return ALLOW;
    }
    if (
      grant.to === 'owner' &&
      isResourcePermission(permission, grant.resourceType)
    ) {
      return {
        result: AuthorizeResult.CONDITIONAL,
        pluginId: grant.pluginId,
        resourceType: grant.resourceType,
        conditions: {
          rule: 'IS_OWNER',
          resourceType: grant.resourceType,
          params: { claims: ownershipEntityRefs },
        },
      };
    }
    return DENY;
  }
}

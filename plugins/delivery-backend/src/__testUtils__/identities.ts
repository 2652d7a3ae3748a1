import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { mockCredentials } from '@backstage/backend-test-utils';
import {
  AuthorizeResult,
  type Permission,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';

/** The identities of the demo estate, and somebody who may do nothing. */
export const IDENTITIES = [
  'platform',
  'owner',
  'developer',
  'stranger',
] as const;

export type Identity = (typeof IDENTITIES)[number];

/** The value of the Authorization header. */
export function asIdentity(identity: Identity): string {
  return mockCredentials.user.header(`user:default/${identity}`);
}

const GROUPS: { [user: string]: string[] } = {
  'user:default/platform': ['group:default/platform-team'],
  'user:default/owner': ['group:default/webhooks'],
  'user:default/developer': ['group:default/webhooks-developers'],
};

export function userOf(credentials: BackstageCredentials): string | undefined {
  const ref: unknown = Reflect.get(
    Object(credentials.principal),
    'userEntityRef',
  );
  return typeof ref === 'string' ? ref : undefined;
}

export function ownershipOf(credentials: BackstageCredentials): string[] {
  const user = userOf(credentials) ?? '';
  return [user, ...(GROUPS[user] ?? [])];
}

const PLATFORM_ONLY = [
  'delivery.bucket.force-close',
  'delivery.partition.revise',
  'delivery.rollouts.read',
  'delivery.write-key.revoke',
];
const OWNERS_ONLY = [
  'delivery.audit.acknowledge',
  'delivery.partition.rows.read',
  'delivery.poison-batches.read',
  'delivery.poison-batches.retry',
  'delivery.refused-events.read',
  'delivery.refused-events.replay',
  'delivery.test-event.send',
];

/** A policy like the default one. */
export function decide(
  permission: Permission,
  credentials: BackstageCredentials,
): PolicyDecision {
  const user = userOf(credentials);
  if (user === undefined || user === 'user:default/platform') {
    return { result: AuthorizeResult.ALLOW };
  }
  if (user === 'user:default/stranger') {
    return { result: AuthorizeResult.DENY };
  }
  if (OWNERS_ONLY.includes(permission.name)) {
    return {
      result: AuthorizeResult.CONDITIONAL,
      pluginId: 'delivery',
      resourceType: 'data-endpoint',
      conditions: {
        rule: 'IS_OWNER',
        resourceType: 'data-endpoint',
        params: { claims: ownershipOf(credentials) },
      },
    };
  }
  return {
    result: PLATFORM_ONLY.includes(permission.name)
      ? AuthorizeResult.DENY
      : AuthorizeResult.ALLOW,
  };
}

import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { catalogPermissions } from '@backstage/plugin-catalog-common/alpha';
import {
  AuthorizeResult,
  type Permission,
  type PolicyDecision,
  createPermission,
} from '@backstage/plugin-permission-common';
import { deliveryPermissions } from '@millrace/plugin-delivery-common';
import { eventTypesPermissions } from '@millrace/plugin-event-types-common';
import { DataPlatformPolicy } from './DataPlatformPolicy';

const OWNERSHIP: Record<string, string[]> = {
  'user:default/developer': [
    'user:default/developer',
    'group:default/webhooks-developers',
  ],
  'user:default/owner': ['user:default/owner', 'group:default/webhooks'],
  'user:default/platform': [
    'user:default/platform',
    'group:default/platform-team',
  ],
};

const userInfo = mockServices.userInfo.mock({
  getUserInfo: async credentials => {
    const userEntityRef = String(
      Reflect.get(Object(credentials.principal), 'userEntityRef'),
    );
    return { userEntityRef, ownershipEntityRefs: OWNERSHIP[userEntityRef] };
  },
});

const policy = new DataPlatformPolicy({
  userInfo,
  platformTeam: 'group:default/platform-team',
});

function asUser(userEntityRef: string) {
  return {
    credentials: mockCredentials.user(userEntityRef),
    // Deprecated by the framework; the policy asks the user info service.
    info: { userEntityRef, ownershipEntityRefs: [] },
  };
}

/** A plain decision, or the plugin whose owners are allowed. */
type Expected = 'ALLOW' | 'DENY' | 'event-types' | 'delivery';

function toDecision(expected: Expected, claims: string[]): PolicyDecision {
  if (expected === 'ALLOW' || expected === 'DENY') {
    return { result: AuthorizeResult[expected] };
  }
  const resourceType = expected === 'delivery' ? 'data-endpoint' : 'event-type';
  return {
    result: AuthorizeResult.CONDITIONAL,
    pluginId: expected,
    resourceType,
    conditions: { rule: 'IS_OWNER', resourceType, params: { claims } },
  };
}

/** What a signed-in user who is not of the platform team gets. */
const EXPECTED: Record<string, Expected> = {
  'catalog.entity.read': 'ALLOW',
  'catalog.entity.create': 'DENY',
  'catalog.entity.delete': 'DENY',
  'catalog.entity.refresh': 'DENY',
  'catalog.entity.validate': 'DENY',
  'catalog.location.read': 'ALLOW',
  'catalog.location.create': 'DENY',
  'catalog.location.analyze': 'DENY',
  'catalog.location.delete': 'DENY',
  'catalog.ingestion.read': 'DENY',
  'catalog.ingestion.manage': 'DENY',
  'event-types.event-type.read': 'ALLOW',
  'event-types.event-type.create': 'ALLOW',
  'event-types.event-type.update': 'event-types',
  'event-types.event-type.withdraw': 'event-types',
  'event-types.event-type.archive': 'DENY',
  'event-types.compatibility.loosen': 'DENY',
  'event-types.breaking-change.approve': 'DENY',
  'delivery.audit.acknowledge': 'delivery',
  'delivery.audit.read': 'ALLOW',
  'delivery.bucket.force-close': 'DENY',
  'delivery.poison-batches.read': 'delivery',
  'delivery.poison-batches.retry': 'delivery',
  'delivery.read': 'ALLOW',
  'delivery.status.read': 'ALLOW',
  'delivery.partition.revise': 'DENY',
  'delivery.partition.rows.read': 'delivery',
  'delivery.refused-events.read': 'delivery',
  'delivery.refused-events.replay': 'delivery',
  'delivery.rollouts.read': 'DENY',
  'delivery.test-event.send': 'delivery',
  'delivery.write-key.create': 'ALLOW',
  'delivery.write-key.read': 'ALLOW',
  'delivery.write-key.revoke': 'DENY',
};

const known: Permission[] = [
  ...catalogPermissions,
  ...eventTypesPermissions,
  ...deliveryPermissions,
];

describe('DataPlatformPolicy', () => {
  it('has an expected decision for every known permission', () => {
    expect(known.map(({ name }) => name).sort()).toEqual(
      Object.keys(EXPECTED).sort(),
    );
  });

  it.each(known)('denies $name to who has not signed in', async permission => {
    expect(await policy.handle({ permission })).toEqual({
      result: AuthorizeResult.DENY,
    });
  });

  it.each(known)('allows $name to the platform team', async permission => {
    expect(
      await policy.handle({ permission }, asUser('user:default/platform')),
    ).toEqual({ result: AuthorizeResult.ALLOW });
  });

  describe.each(['user:default/developer', 'user:default/owner'])(
    'for %s',
    user => {
      it.each(known)('decides $name', async permission => {
        const decision = await policy.handle({ permission }, asUser(user));
        expect(decision).toEqual(
          toDecision(EXPECTED[permission.name], OWNERSHIP[user]),
        );
      });
    },
  );

  it.each(Object.keys(OWNERSHIP))(
    'denies what it does not know to %s',
    async user => {
      const permission = createPermission({
        name: 'kubernetes.proxy',
        attributes: { action: 'read' },
      });
      expect(await policy.handle({ permission }, asUser(user))).toEqual({
        result: AuthorizeResult.DENY,
      });
    },
  );

  it('denies an owner permission that is asked for as another resource', async () => {
    const permission = createPermission({
      name: 'event-types.event-type.update',
      attributes: { action: 'update' },
      resourceType: 'catalog-entity',
    });
    expect(
      await policy.handle({ permission }, asUser('user:default/owner')),
    ).toEqual({ result: AuthorizeResult.DENY });
  });

  it('trusts nobody with the platform while no team is configured', async () => {
    const teamless = new DataPlatformPolicy({ userInfo });
    const permission = createPermission({
      name: 'delivery.write-key.revoke',
      attributes: { action: 'delete' },
    });
    expect(
      await teamless.handle({ permission }, asUser('user:default/platform')),
    ).toEqual({ result: AuthorizeResult.DENY });
  });
});

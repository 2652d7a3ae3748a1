import {
  createExternalRouteRef,
  createRouteRef,
  createSubRouteRef,
} from '@backstage/frontend-plugin-api';

export const rootRouteRef = createRouteRef();

export const refusedRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/refused',
});

export const operationsRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/operations',
});

export const rolloutsRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/rollouts',
});

export const auditRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/audit',
});

export const writeKeysRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/write-keys',
});

/** Where an event type is registered; unbound when no plugin offers that. */
export const registerRouteRef = createExternalRouteRef({
  defaultTarget: 'event-types.register',
});

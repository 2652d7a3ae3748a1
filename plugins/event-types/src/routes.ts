import {
  createRouteRef,
  createSubRouteRef,
} from '@backstage/frontend-plugin-api';

export const rootRouteRef = createRouteRef();

export const registerRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/register',
});

export const importRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/import',
});

import {
  createRouteRef,
  createSubRouteRef,
} from '@backstage/frontend-plugin-api';

export const rootRouteRef = createRouteRef();

export const fieldsRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/fields',
});

export const registerRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/register',
});

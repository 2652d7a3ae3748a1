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

/** Changes one event type: everything but its schema. */
export const editRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/:name/edit',
});

/** Takes in a declaration as YAML. */
export const importRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/import',
});

import type { mockApis } from '@backstage/frontend-test-utils';

type PermissionOptions = NonNullable<Parameters<typeof mockApis.permission>[0]>;

/** For a permission backend that says no to everything. */
export const DENY = 'DENY' as PermissionOptions['authorize'];

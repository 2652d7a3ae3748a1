import { mockApis } from '@backstage/frontend-test-utils';

type Options = NonNullable<Parameters<typeof mockApis.permission>[0]>;
type Decision = Extract<Options['authorize'], string>;

/**
 * Permissions of somebody who lacks the named ones. Decisions are remembered for
 * some seconds by whoever asks, so a test file decides each in one way only.
 */
export function permissionsWithout(
  denied: string[],
): ReturnType<typeof mockApis.permission> {
  return mockApis.permission({
    authorize: ({ permission }) => {
      const decision: string = denied.includes(permission.name)
        ? 'DENY'
        : 'ALLOW';
      return decision as Decision;
    },
  });
}

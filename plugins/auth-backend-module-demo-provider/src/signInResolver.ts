import { ServiceUnavailableError, toError } from '@backstage/errors';
import type { SignInResolver } from '@backstage/plugin-auth-node';
import type { DemoAuthResult } from './authenticator';

/**
 * Signs in as the catalog's user entity, so that the token carries the user's
 * groups and ownership works as with any other provider.
 */
export const demoSignInResolver: SignInResolver<DemoAuthResult> = async (
  { result: { userEntityRef } },
  ctx,
) => {
  try {
    return await ctx.signInWithCatalogUser({ entityRef: userEntityRef });
  } catch (error) {
    if (toError(error).name !== 'NotFoundError') {
      throw error;
    }
    throw new ServiceUnavailableError(
      `The demo identity ${userEntityRef} is not in the catalog. Right after a start it may still be loading: try again in a few seconds`,
    );
  }
};

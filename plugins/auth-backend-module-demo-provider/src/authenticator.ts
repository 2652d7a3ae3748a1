import { parseEntityRef } from '@backstage/catalog-model';
import type { Config } from '@backstage/config';
import { AuthenticationError, InputError } from '@backstage/errors';
import { createProxyAuthenticator } from '@backstage/plugin-auth-node';

/** The request header that names the chosen identity. */
export const DEMO_IDENTITY_HEADER = 'x-millrace-demo-identity';

/** Who signs in: a user entity reference in canonical form. */
export interface DemoAuthResult {
  userEntityRef: string;
}

/** The users one may sign in as, in canonical form. */
export function readIdentitiesFromConfig(config: Config): string[] {
  const identities = config.getStringArray('identities');
  if (!identities.length) {
    throw new InputError(
      'Invalid auth.providers.demo.identities, expected at least one user; to switch demo sign-in off, leave out auth.providers.demo',
    );
  }
  return identities.map(identity => {
    const ref = identity.toLocaleLowerCase('en-US');
    if (!/^user:[^:/\s]+\/[^:/\s]+$/.test(ref)) {
      throw new InputError(
        `Invalid auth.providers.demo.identities, expected full references of users such as 'user:default/developer', got '${identity}'`,
      );
    }
    return ref;
  });
}

/**
 * Believes the header, within the configured list. The list is the whole
 * protection: see `config.d.ts` for when that is enough.
 */
export const demoAuthenticator = createProxyAuthenticator({
  defaultProfileTransform: async ({ userEntityRef }: DemoAuthResult) => ({
    profile: { displayName: parseEntityRef(userEntityRef).name },
  }),

  initialize({ config }) {
    return { identities: readIdentitiesFromConfig(config) };
  },

  async authenticate({ req }, { identities }) {
    const chosen = req.header(DEMO_IDENTITY_HEADER);
    const choices = identities.join(', ');
    if (!chosen) {
      throw new AuthenticationError(
        `Choose a demo identity in the header ${DEMO_IDENTITY_HEADER}: one of ${choices}`,
      );
    }
    const userEntityRef = chosen.toLocaleLowerCase('en-US');
    if (!identities.includes(userEntityRef)) {
      throw new AuthenticationError(
        `There is no such demo identity; choose one of ${choices}`,
      );
    }
    return { result: { userEntityRef } };
  },
});

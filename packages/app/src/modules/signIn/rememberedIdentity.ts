import type { IdentityApi } from '@backstage/frontend-plugin-api';

const KEY = 'millrace.demo-identity';

/** The identity chosen before, if the config still offers it. */
export function recallIdentity(offered: string[]): string | undefined {
  const ref = window.localStorage.getItem(KEY);
  return ref !== null && offered.includes(ref) ? ref : undefined;
}

export function rememberIdentity(ref: string): void {
  window.localStorage.setItem(KEY, ref);
}

export function forgetIdentity(): void {
  window.localStorage.removeItem(KEY);
}

/** The same identity, except that signing out forgets the choice as well. */
export function forgettingOnSignOut(identity: IdentityApi): IdentityApi {
  return {
    getProfileInfo: () => identity.getProfileInfo(),
    getBackstageIdentity: () => identity.getBackstageIdentity(),
    getCredentials: () => identity.getCredentials(),
    async signOut() {
      forgetIdentity();
      await identity.signOut();
    },
  };
}

import type {
  AuthService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';

/** The name under which a change is recorded: a user entity or a service. */
export function actorOf(
  auth: AuthService,
  credentials: BackstageCredentials,
): string {
  if (auth.isPrincipal(credentials, 'user')) {
    return credentials.principal.userEntityRef;
  }
  if (auth.isPrincipal(credentials, 'service')) {
    return credentials.principal.subject;
  }
  return 'unknown';
}

import type {
  AuthService,
  BackstageCredentials,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { AuthenticationError } from '@backstage/errors';
import type { Request } from 'express';

const BASIC = /^Basic +([A-Za-z0-9+/=_-]{1,16384})$/i;

/** A token is verified once for a request. */
const known = new WeakMap<Request, Promise<BackstageCredentials>>();

/**
 * Who calls: by a bearer token as everywhere in Backstage, or by basic
 * authentication, which is all that many clients of the protocol can do, with
 * the same token as the password. The user name is not looked at: the token
 * says who it is.
 *
 * Cookies are not taken, so that no page can make a browser call.
 *
 * @throws AuthenticationError without a good token
 */
export async function authenticate(
  req: Request,
  services: { auth: AuthService; httpAuth: HttpAuthService },
): Promise<BackstageCredentials> {
  let credentials = known.get(req);
  if (!credentials) {
    credentials = credentialsOf(req, services);
    known.set(req, credentials);
  }
  return await credentials;
}

async function credentialsOf(
  req: Request,
  services: { auth: AuthService; httpAuth: HttpAuthService },
): Promise<BackstageCredentials> {
  const { auth, httpAuth } = services;
  const basic = BASIC.exec(req.headers.authorization ?? '');
  if (!basic) {
    return await httpAuth.credentials(req, { allow: ['user', 'service'] });
  }
  const pair = Buffer.from(basic[1], 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  const token = colon < 0 ? '' : pair.slice(colon + 1);
  if (!token) {
    throw new AuthenticationError('Missing credentials');
  }
  const credentials = await auth.authenticate(token);
  if (
    !auth.isPrincipal(credentials, 'user') &&
    !auth.isPrincipal(credentials, 'service')
  ) {
    throw new AuthenticationError('Missing credentials');
  }
  return credentials;
}

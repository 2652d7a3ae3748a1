import type { SnapshotWriteKey } from '@millrace/ledger';
import { Access, presentedKey } from '../access';
import type { GatewayRequest } from '../http';
import { textIn } from './adapting';
import { isObject } from './jsonPart';

/**
 * Authenticates by what comes before the body: `Authorization` or
 * `X-Write-Key`. `undefined` when there is no key in them, and the body has to
 * be read to know more.
 *
 * @throws RequestError
 */
export function authenticateByHead(
  request: GatewayRequest,
  access: Access,
): SnapshotWriteKey | undefined {
  const { authorization } = request.headers;
  const [header] = [request.headers['x-write-key']].flat();
  const credentials = { authorization, header };
  return presentedKey(credentials)
    ? access.authenticate(credentials, request.address)
    : undefined;
}

/**
 * Authenticates by `writeKey` in the body, or else in the query.
 *
 * @throws RequestError
 */
export function authenticateByBody(
  request: GatewayRequest,
  body: unknown,
  access: Access,
): SnapshotWriteKey {
  const credentials = {
    body: isObject(body) ? textIn(body.writeKey) : undefined,
    query: request.query.get('writeKey') ?? undefined,
  };
  return access.authenticate(credentials, request.address);
}

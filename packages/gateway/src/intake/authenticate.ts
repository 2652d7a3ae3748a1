import {
  isWriteKeySecret,
  parseWriteKey,
  type SnapshotWriteKey,
} from '@millrace/ledger';
import { RequestError } from '../errors';

/** Compared with when there is no such key, so that both cases cost the same. */
const NO_SECRET_HASH = '0'.repeat(64);

/**
 * Finds the write key of a request: a Bearer token, or the user name of Basic
 * credentials, which is how many senders take a key.
 *
 * @throws RequestError `missing_write_key` or `invalid_write_key`
 */
export function authenticate(
  authorization: string | undefined,
  writeKeys: ReadonlyMap<string, SnapshotWriteKey>,
): SnapshotWriteKey {
  const text = readKey(authorization);
  if (!text) {
    throw new RequestError(
      'missing_write_key',
      "Send the write key as 'Authorization: Bearer mr_…'",
      { 'www-authenticate': 'Bearer' },
    );
  }
  const parsed = parseWriteKey(text);
  const known = parsed && writeKeys.get(parsed.keyId);
  const isGenuine =
    parsed !== undefined &&
    isWriteKeySecret(parsed.secret, known?.secretHash ?? NO_SECRET_HASH);
  if (!known || !isGenuine) {
    throw new RequestError(
      'invalid_write_key',
      parsed
        ? 'The write key is not known, or has been revoked'
        : 'The write key is mistyped: a write key is written mr_…_…_… and ends in a checksum',
      { 'www-authenticate': 'Bearer error="invalid_token"' },
    );
  }
  return known;
}

function readKey(authorization: string | undefined): string | undefined {
  const [, scheme, credentials] =
    /^(Bearer|Basic) +(\S+) *$/i.exec(authorization ?? '') ?? [];
  return scheme?.toLowerCase() === 'basic'
    ? Buffer.from(credentials, 'base64').toString('utf8').split(':')[0]
    : credentials;
}

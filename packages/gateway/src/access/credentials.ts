/**
 * What a request brings to prove who sends it.
 *
 * @public
 */
export interface Credentials {
  /** The header `Authorization`: a Bearer token, or Basic with the key as user name. */
  authorization?: string;
  /** The header `X-Write-Key`. */
  header?: string;
  /** The query parameter `writeKey`: for browser keys only. */
  query?: string;
  /** What a borrowed client puts into its body. */
  body?: string;
}

/** A write key as it came, and whether it came in the URL. */
export interface PresentedKey {
  text: string;
  isInUrl: boolean;
}

/**
 * The write key of a request: the first that is there, in the order
 * `Authorization`, `X-Write-Key`, body, query. An `Authorization` of another
 * scheme belongs to somebody else, such as a proxy, and is passed over.
 */
export function presentedKey(
  credentials: Credentials,
): PresentedKey | undefined {
  const { authorization, header, body, query } = credentials;
  const text = readAuthorization(authorization) || header || body;
  if (text) {
    return { text, isInUrl: false };
  }
  return query ? { text: query, isInUrl: true } : undefined;
}

function readAuthorization(
  authorization: string | undefined,
): string | undefined {
  if (authorization === undefined) {
    return undefined;
  }
  const [, scheme, credentials] =
    /^(Bearer|Basic) +(\S+) *$/i.exec(authorization) ?? [];
  return scheme?.toLowerCase() === 'basic'
    ? Buffer.from(credentials, 'base64').toString('utf8').split(':')[0]
    : credentials;
}

import { setTimeout } from 'node:timers/promises';
import { LakeError } from '../../errors';

/*
 * What goes wrong between here and Cloud Storage, and what is done about it.
 *
 * The errors of the Google clients carry the whole request with its bearer
 * token, and a resumable session's address is itself a credential. Therefore
 * nothing of them goes further than a status, a short code and a key: not the
 * message, and no `cause`.
 */

/** How often and how patiently a call is repeated. */
export interface Retries {
  /** Tries in all. Default 6. */
  attempts: number;
  /** Pause after the first failure; doubles. Default 200. */
  baseMs: number;
  /** Default 10,000. */
  maxMs: number;
}

export const DEFAULT_RETRIES: Retries = {
  attempts: 6,
  baseMs: 200,
  maxMs: 10_000,
};

const LOST_CONNECTION =
  /^(ECONNRESET|ECONNREFUSED|ECONNABORTED|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ERR_STREAM_PREMATURE_CLOSE|UND_ERR_.*)$/;
/** The last one: a session that the client cannot go on with. */
const LOST_CONNECTION_WORDS =
  /socket hang up|premature close|network timeout|terminated|aborted|initiate a new upload/i;

/** The parts of a failure that are looked at, whichever client threw it. */
interface Failure {
  code?: unknown;
  message?: string;
  type?: unknown;
  response?: { status?: unknown; statusCode?: unknown };
}

/** The HTTP status of a failure, if it was an answer. */
export function statusOf(error: unknown): number | undefined {
  const { code, response } = Object(error) as Failure;
  return [code, response?.statusCode, response?.status]
    .map(Number)
    .find(status => status >= 400 && status < 600);
}

/** Whether the same call may well succeed in a moment. */
export function isTransient(error: unknown): boolean {
  if (error instanceof LakeError) {
    return (
      error.code === 'checksum_mismatch' || error.code === 'store_unavailable'
    );
  }
  const status = statusOf(error);
  if (status !== undefined) {
    return (
      status === 408 || status === 429 || (status >= 500 && status !== 501)
    );
  }
  const { code, message, type } = Object(error) as Failure;
  return (
    LOST_CONNECTION.test(String(code)) ||
    type === 'request-timeout' ||
    LOST_CONNECTION_WORDS.test(message ?? '')
  );
}

/** A refused upload whose bytes were not those the checksum was made of. */
export function isChecksumRefused(error: unknown): boolean {
  return (
    statusOf(error) === 400 &&
    /crc32c|checksum|hash/i.test((Object(error) as Failure).message ?? '')
  );
}

/** A failure in the words of the lake, with nothing secret in them. */
export function toLakeError(error: unknown, what: string): unknown {
  if (error instanceof LakeError) {
    return error;
  }
  const status = statusOf(error);
  if (status === 404) {
    return new LakeError('not_found', `The lake has no object '${what}'`);
  }
  if (isTransient(error)) {
    const code = (Object(error) as Failure).code;
    return new LakeError(
      'store_unavailable',
      `Cloud Storage cannot be reached, or fails, at '${what}': ${
        status ?? (typeof code === 'string' ? code : 'the connection was lost')
      }`,
    );
  }
  if (status !== undefined) {
    return new LakeError(
      'store_refused',
      `Cloud Storage refuses '${what}' with status ${status}; ${
        status === 401 || status === 403
          ? 'check the credentials and their rights on the bucket'
          : 'check the bucket and its settings'
      }`,
    );
  }
  const { code, message = '' } = Object(error) as Failure;
  if (/credential|authenticat|token/i.test(message)) {
    return new LakeError(
      'store_refused',
      `There are no usable Google credentials for '${what}'; set GOOGLE_APPLICATION_CREDENTIALS, or run where a service account is attached`,
    );
  }
  // Of this machine, such as a local file that cannot be read.
  return code === undefined ? new Error(`${what}: ${message}`) : error;
}

/**
 * Runs a call until it succeeds, fails for good, or the tries are used up. The
 * call must be safe to repeat.
 */
export async function withRetries<T>(
  retries: Retries,
  call: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt >= retries.attempts || !isTransient(error)) {
        throw error;
      }
      const ceiling = Math.min(
        retries.maxMs,
        retries.baseMs * 2 ** (attempt - 1),
      );
      // Spreads the writers that failed together.
      await setTimeout(ceiling * (0.5 + Math.random() / 2));
    }
  }
}

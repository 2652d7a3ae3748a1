import { RequestError } from '../errors';
import { RateLimit } from './rateLimit';

/**
 * What may come at once for a rate.
 *
 * @param atLeast - so that a low rate does not refuse ordinary requests for ever
 */
export function burstOf(
  perSecond: number,
  burstSeconds: number,
  atLeast: number,
): number {
  return Math.max(atLeast, Math.floor(perSecond * burstSeconds));
}

/**
 * The refusal of a request that came too early. It names the limit, what
 * remains of it, and when the same request would be let through, in the body
 * and in the header fields of the IETF draft "RateLimit header fields for
 * HTTP".
 */
export function rateLimited(options: {
  name: string;
  limit: RateLimit;
  remaining: number;
  waitMs: number;
  message: string;
}): RequestError {
  const { name, limit, remaining, waitMs, message } = options;
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  const windowSeconds = Math.ceil(limit.burst / limit.perSecond);
  return new RequestError(
    'rate_limited',
    `${message}. Of ${name} ${limit.perSecond}, at most ${limit.burst} at once, ${remaining} remain; send the same again in ${retryAfterSeconds} s`,
    {
      retryAfterSeconds,
      limit: { name, value: limit.perSecond },
      headers: {
        'ratelimit-policy': `"${name}";q=${limit.burst};w=${windowSeconds}`,
        ratelimit: `"${name}";r=${remaining};t=${retryAfterSeconds}`,
      },
    },
  );
}

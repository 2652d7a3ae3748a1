/**
 * Why a request as a whole was not taken. Nothing of it was stored.
 *
 * @public
 */
export type RequestReason =
  | 'invalid_json'
  | 'not_a_batch'
  | 'body_too_large'
  | 'batch_too_many_events'
  | 'unsupported_media_type'
  | 'unsupported_encoding'
  | 'missing_write_key'
  | 'invalid_write_key'
  | 'overloaded'
  | 'broker_unavailable'
  | 'not_ready'
  | 'not_found'
  | 'method_not_allowed'
  | 'internal_error';

/**
 * Why one event was not taken. `broker_unavailable` is the only one that a
 * retry can change.
 *
 * @public
 */
export type EventReason =
  | 'invalid_envelope'
  | 'event_type_unknown'
  | 'event_type_not_allowed'
  | 'missing_field'
  | 'wrong_type'
  | 'unknown_field'
  | 'invalid_value'
  | 'event_too_large'
  | 'broker_unavailable';

/** 413 rather than 400 for too many events: producers answer it by halving. */
const STATUS: Record<RequestReason, number> = {
  invalid_json: 400,
  not_a_batch: 400,
  body_too_large: 413,
  batch_too_many_events: 413,
  unsupported_media_type: 415,
  unsupported_encoding: 415,
  missing_write_key: 401,
  invalid_write_key: 401,
  overloaded: 503,
  broker_unavailable: 503,
  not_ready: 503,
  not_found: 404,
  method_not_allowed: 405,
  internal_error: 500,
};

/** Seconds after which a request that met a passing trouble may come again. */
export const RETRY_AFTER_SECONDS = 1;

/**
 * Refuses a request as a whole.
 *
 * @public
 */
export class RequestError extends Error {
  readonly reason: RequestReason;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    reason: RequestReason,
    message: string,
    headers: Record<string, string> = {},
  ) {
    super(message);
    this.name = 'RequestError';
    this.reason = reason;
    this.headers =
      STATUS[reason] === 503
        ? { 'retry-after': String(RETRY_AFTER_SECONDS), ...headers }
        : headers;
  }

  get status(): number {
    return STATUS[this.reason];
  }
}

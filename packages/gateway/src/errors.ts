/**
 * Why a request as a whole was not taken, and the status that says so. Nothing
 * of it was stored. 413 rather than 400 for too many events: producers answer
 * it by halving.
 */
export const REQUEST_REASONS = {
  invalid_json: 400,
  not_a_batch: 400,
  invalid_compression: 400,
  missing_write_key: 401,
  invalid_write_key: 401,
  write_key_not_allowed: 403,
  not_found: 404,
  method_not_allowed: 405,
  body_too_large: 413,
  batch_too_many_events: 413,
  unsupported_media_type: 415,
  unsupported_encoding: 415,
  rate_limited: 429,
  internal_error: 500,
  overloaded: 503,
  broker_unavailable: 503,
  not_ready: 503,
} as const;

/** @public */
export type RequestReason = keyof typeof REQUEST_REASONS;

/** Why one event was not taken; told apart by whether a retry can change it. */
export const EVENT_REASONS = {
  invalid_json: 'final',
  invalid_envelope: 'final',
  event_type_unknown: 'final',
  event_type_not_allowed: 'final',
  unmapped: 'final',
  missing_field: 'final',
  wrong_type: 'final',
  unknown_field: 'final',
  invalid_value: 'final',
  event_too_large: 'final',
  too_deep: 'final',
  duplicate_name: 'final',
  forbidden_name: 'final',
  number_out_of_range: 'final',
  invalid_text: 'final',
  broker_unavailable: 'retriable',
  overloaded: 'retriable',
} as const;

/** @public */
export type EventReason = keyof typeof EVENT_REASONS;

/** Seconds after which a request that met a passing trouble may come again. */
export const RETRY_AFTER_SECONDS = 1;

/** A bound that was met, as replies name it. */
export interface ReachedLimit {
  /** For example `maxBodyBytes` or `eventsPerSecond`. */
  name: string;
  /** In the unit that the name says. */
  value: number;
}

/**
 * Refuses a request as a whole.
 *
 * @public
 */
export class RequestError extends Error {
  readonly reason: RequestReason;
  readonly headers: Readonly<Record<string, string>>;
  readonly limit: ReachedLimit | undefined;

  constructor(
    reason: RequestReason,
    message: string,
    options: {
      headers?: Record<string, string>;
      limit?: ReachedLimit;
      /** Whole seconds. 429 and 503 always say when to come again. */
      retryAfterSeconds?: number;
    } = {},
  ) {
    super(message);
    this.name = 'RequestError';
    this.reason = reason;
    this.limit = options.limit;
    const { retryAfterSeconds = RETRY_AFTER_SECONDS } = options;
    const isPassing = this.status === 429 || this.status === 503;
    this.headers = {
      ...(isPassing && { 'retry-after': String(retryAfterSeconds) }),
      ...options.headers,
    };
  }

  get status(): number {
    return REQUEST_REASONS[this.reason];
  }
}

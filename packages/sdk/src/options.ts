import { randomUUID } from 'node:crypto';
import { ProducerError } from './errors';
import { Clock, DeliveryProblem, Verdict } from './types';

/**
 * How soon a failed request is tried again: after a random time between 0 and
 * `initialDelayMs × 2ⁿ`, at most `maxDelayMs`, on top of what the gateway asks
 * for in `Retry-After`.
 *
 * @public
 */
export interface RetryOptions {
  /** Default 100. */
  initialDelayMs?: number;
  /**
   * Default 30,000. Also how long the producer waits after an answer that a
   * retry alone will not change, such as a refused write key.
   */
  maxDelayMs?: number;
}

/** @public */
export interface ProducerOptions {
  /** Base URL of the gateway, for example `http://127.0.0.1:7008`. */
  gatewayUrl: string;
  /** A write key of the portal, `mr_…`. */
  writeKey: string;
  /** CloudEvents source of the events, for example `/shop/checkout`. */
  source: string;
  /**
   * Name of this installation. Default: a random UUID. Set it to a stable name
   * (letters, digits, `_ . : -`) to recognise a machine in the loss estimate.
   */
  producer?: string;
  /**
   * How long an event waits for company before its request leaves. Default 200.
   * Lower it for latency, raise it to send fewer requests.
   */
  flushIntervalMs?: number;
  /** Events per request. Default 500; a gateway takes at most 5,000. */
  maxBatchEvents?: number;
  /**
   * Bytes of JSON per request. Default 1 MiB; a gateway takes at most 4 MiB.
   * One event larger than this travels alone.
   */
  maxBatchBytes?: number;
  /**
   * Events that may wait for a verdict. Default 100,000. Together with
   * `maxBufferedBytes` it decides how long an outage can be bridged, and how
   * much memory that takes.
   */
  maxBufferedEvents?: number;
  /** Bytes of JSON that may wait for a verdict. Default 64 MiB. */
  maxBufferedBytes?: number;
  retry?: RetryOptions;
  /** When a request without a reply is given up and repeated. Default 15,000. */
  requestTimeoutMs?: number;
  /**
   * Requests under way at once. Default 2. Raise it when the gateway is far
   * away and throughput, not order of arrival, matters.
   */
  maxConcurrentRequests?: number;
  /** Compress requests. Default false; worth its CPU on slow links. */
  gzip?: boolean;
  /** Called with each verdict, for callers that do not keep the promises. */
  onVerdict?: (verdict: Verdict) => void;
  /** Called each time events have to be sent again. Default: nothing. */
  onError?: (problem: DeliveryProblem) => void;
  /** Default: the global `fetch`. */
  fetch?: typeof fetch;
  /** Default: the system's. */
  clock?: Clock;
  /** From 0 to 1. Default: `Math.random`. */
  random?: () => number;
}

/** The options with every default filled in. */
export interface ResolvedOptions {
  eventsUrl: string;
  writeKey: string;
  source: string;
  producer: string;
  flushIntervalMs: number;
  maxBatchEvents: number;
  maxBatchBytes: number;
  maxBufferedEvents: number;
  maxBufferedBytes: number;
  retry: { initialDelayMs: number; maxDelayMs: number };
  requestTimeoutMs: number;
  maxConcurrentRequests: number;
  gzip: boolean;
  onVerdict: (verdict: Verdict) => void;
  onError: (problem: DeliveryProblem) => void;
  fetch: typeof fetch;
  clock: Clock;
  random: () => number;
}

const MIB = 1024 * 1024;

const systemClock: Clock = {
  // Never goes back: a wait that ends at a time must not grow by the hours by
  // which the time of day is corrected.
  now: () => performance.timeOrigin + performance.now(),
  schedule: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** @throws ProducerError with code `invalid_option` */
export function resolveOptions(options: ProducerOptions): ResolvedOptions {
  const producer = options.producer ?? randomUUID();
  if (!/^[\w.:-]{1,200}$/.test(producer)) {
    throw invalid('producer', "made of letters, digits, '_', '.', ':' and '-'");
  }
  return {
    eventsUrl: eventsUrlOf(options.gatewayUrl),
    writeKey: text('writeKey', options.writeKey),
    source: text('source', options.source),
    producer,
    flushIntervalMs: integer(
      'flushIntervalMs',
      options.flushIntervalMs,
      200,
      0,
    ),
    maxBatchEvents: integer('maxBatchEvents', options.maxBatchEvents, 500),
    maxBatchBytes: integer('maxBatchBytes', options.maxBatchBytes, MIB),
    maxBufferedEvents: integer(
      'maxBufferedEvents',
      options.maxBufferedEvents,
      100_000,
    ),
    maxBufferedBytes: integer(
      'maxBufferedBytes',
      options.maxBufferedBytes,
      64 * MIB,
    ),
    retry: {
      initialDelayMs: integer(
        'retry.initialDelayMs',
        options.retry?.initialDelayMs,
        100,
      ),
      maxDelayMs: integer(
        'retry.maxDelayMs',
        options.retry?.maxDelayMs,
        30_000,
      ),
    },
    requestTimeoutMs: integer(
      'requestTimeoutMs',
      options.requestTimeoutMs,
      15_000,
    ),
    maxConcurrentRequests: integer(
      'maxConcurrentRequests',
      options.maxConcurrentRequests,
      2,
    ),
    gzip: options.gzip ?? false,
    onVerdict: options.onVerdict ?? (() => {}),
    onError: options.onError ?? (() => {}),
    fetch: options.fetch ?? fetch,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
}

function eventsUrlOf(gatewayUrl: string): string {
  const expected =
    "the http or https base URL of a gateway, for example 'http://127.0.0.1:7008'";
  if (!URL.canParse(gatewayUrl)) {
    throw invalid('gatewayUrl', expected);
  }
  const url = new URL(gatewayUrl);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw invalid('gatewayUrl', expected);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}/v1/events`;
}

function text(name: string, value: string): string {
  if (typeof value !== 'string' || value.trim() === '') {
    throw invalid(name, 'a text that is not empty');
  }
  return value;
}

function integer(
  name: string,
  value: number | undefined,
  otherwise: number,
  minimum: number = 1,
): number {
  const chosen = value ?? otherwise;
  if (!Number.isSafeInteger(chosen) || chosen < minimum) {
    throw invalid(name, `an integer from ${minimum}`);
  }
  return chosen;
}

function invalid(name: string, expected: string): ProducerError {
  return new ProducerError(
    'invalid_option',
    `The producer option '${name}' must be ${expected}`,
  );
}

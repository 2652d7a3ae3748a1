import { uuidv4 } from 'uuidv7';
import { ProducerError } from './errors';
import { Clock, DeliveryProblem, Deprecation, Drop, Verdict } from './types';

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

/**
 * What a producer needs and may be told, in Node as in the browser.
 *
 * @public
 */
export interface CommonProducerOptions {
  /** Base URL of the gateway, for example `http://127.0.0.1:7008`. */
  gatewayUrl?: string;
  /**
   * Base URLs of several gateways in order of preference, instead of
   * `gatewayUrl`. While one is out of reach the next one is sent to.
   */
  gatewayUrls?: readonly string[];
  /** A write key of the portal, `mr_…`. */
  writeKey: string;
  /** CloudEvents source of the events, for example `/shop/checkout`. */
  source: string;
  /**
   * Name of this installation. Default: the name stored in the directory of the
   * file queue, else a random UUID. Set it to a stable name (letters, digits,
   * `_ . : -`) to recognise a machine in the loss estimate.
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
   * Events in memory. Default 100,000. With the memory queue it is, together
   * with `maxBufferedBytes`, the bound of the queue, and decides how long an
   * outage can be bridged. With a durable queue the rest waits on disk.
   */
  maxBufferedEvents?: number;
  /** Bytes of JSON in memory. Default 64 MiB; 16 MiB with a file queue. */
  maxBufferedBytes?: number;
  /**
   * What happens to an event for which the queue has no room. `refuse`: it is
   * not taken, and the caller learns it (`buffer_full`). `drop_oldest`: the
   * oldest events are given up, counted and reported. Default: `refuse` for the
   * memory queue, where every caller still waits for a verdict; `drop_oldest`
   * for a durable one.
   */
  whenFull?: 'refuse' | 'drop_oldest';
  /**
   * Event type of the events that report drops, for example
   * `millrace.producer_report`. Default: none, as a gateway refuses a type that
   * is not registered; see the README for its schema.
   */
  dropReportType?: string;
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
  /**
   * Called each time events have to be sent again, and when the queue cannot be
   * used. Default: nothing.
   */
  onError?: (problem: DeliveryProblem) => void;
  /** Called when the queue gives events up. Default: nothing. */
  onDrop?: (drop: Drop) => void;
  /**
   * Called once per event type that should no longer be sent, when a gateway
   * says so. Default: a warning on the console; give a function to put it
   * elsewhere, or nowhere.
   */
  onDeprecation?: (deprecation: Deprecation) => void;
  /** Default: the global `fetch`. */
  fetch?: typeof fetch;
  /** Default: the system's. */
  clock?: Clock;
  /** From 0 to 1. Default: `Math.random`. */
  random?: () => number;
}

/** The options with every default filled in. */
export interface ResolvedOptions {
  gateways: { url: string; eventsUrl: string }[];
  writeKey: string;
  source: string;
  /** As given, or a random one. */
  producer: string;
  whenFull: 'refuse' | 'drop_oldest';
  dropReportType: string | undefined;
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
  onDrop: (drop: Drop) => void;
  onDeprecation: (deprecation: Deprecation) => void;
  fetch: typeof fetch;
  clock: Clock;
  random: () => number;
}

export const MIB = 1024 * 1024;

export const systemClock: Clock = {
  // Never goes back: a wait that ends at a time must not grow by the hours by
  // which the time of day is corrected.
  now: () => performance.timeOrigin + performance.now(),
  schedule: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** The defaults that depend on the queue. */
export interface QueueDefaults {
  whenFull: 'refuse' | 'drop_oldest';
  maxBufferedBytes: number;
}

/** @throws ProducerError with code `invalid_option` */
export function resolveOptions(
  options: CommonProducerOptions,
  defaults: QueueDefaults = { whenFull: 'refuse', maxBufferedBytes: 64 * MIB },
): ResolvedOptions {
  const producer = options.producer ?? uuidv4();
  if (!/^[\w.:-]{1,200}$/.test(producer)) {
    throw invalid('producer', "made of letters, digits, '_', '.', ':' and '-'");
  }
  return {
    gateways: gatewaysOf(options),
    writeKey: text('writeKey', options.writeKey),
    source: text('source', options.source),
    producer,
    whenFull: oneOf('whenFull', options.whenFull ?? defaults.whenFull, [
      'refuse',
      'drop_oldest',
    ]),
    dropReportType:
      options.dropReportType === undefined
        ? undefined
        : text('dropReportType', options.dropReportType),
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
      defaults.maxBufferedBytes,
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
    onDrop: options.onDrop ?? (() => {}),
    onDeprecation: options.onDeprecation ?? warnOfDeprecation,
    // A browser's fetch wants to be called on its window.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
}

/** The one thing the SDK says by itself: nobody reads what nobody prints. */
function warnOfDeprecation(deprecation: Deprecation): void {
  const { type, since, endsOn, successor } = deprecation;
  // eslint-disable-next-line no-console
  console.warn(
    `Millrace: the event type '${type}' is deprecated${
      since ? ` since ${since}` : ''
    }. ${successor ? `Send '${successor}' instead` : 'Stop sending it'}${
      endsOn ? `, at the latest on ${endsOn}` : ''
    }.`,
  );
}

function gatewaysOf(
  options: CommonProducerOptions,
): ResolvedOptions['gateways'] {
  const { gatewayUrl, gatewayUrls } = options;
  if (gatewayUrls === undefined) {
    return [gatewayOf('gatewayUrl', gatewayUrl)];
  }
  if (gatewayUrl !== undefined) {
    throw invalid('gatewayUrl', "left out when 'gatewayUrls' is given");
  }
  if (!Array.isArray(gatewayUrls) || gatewayUrls.length === 0) {
    throw invalid('gatewayUrls', 'a list of at least one base URL');
  }
  return gatewayUrls.map(each => gatewayOf('gatewayUrls', each));
}

function gatewayOf(option: string, gatewayUrl: string | undefined) {
  const url = parseUrl(gatewayUrl);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw invalid(
      option,
      "the http or https base URL of a gateway, for example 'http://127.0.0.1:7008'",
    );
  }
  const base = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  return { url: base, eventsUrl: `${base}/v1/events` };
}

function parseUrl(url: string | undefined): URL | undefined {
  try {
    return typeof url === 'string' ? new URL(url) : undefined;
  } catch {
    return undefined;
  }
}

export function oneOf<T extends string>(
  name: string,
  value: T,
  allowed: readonly T[],
): T {
  if (!allowed.includes(value)) {
    throw invalid(
      name,
      `one of ${allowed.map(each => `'${each}'`).join(', ')}`,
    );
  }
  return value;
}

export function text(name: string, value: string): string {
  if (typeof value !== 'string' || value.trim() === '') {
    throw invalid(name, 'a text that is not empty');
  }
  return value;
}

export function integer(
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

export function invalid(name: string, expected: string): ProducerError {
  return new ProducerError(
    'invalid_option',
    `The producer option '${name}' must be ${expected}`,
  );
}

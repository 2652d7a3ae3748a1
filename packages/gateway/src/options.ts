import type { Knex } from 'knex';
import type { AccessLimits } from './access/limits';
import { Clock } from './clock';

/**
 * The part of a logger the gateway uses. Messages never hold values of events.
 *
 * @public
 */
export interface GatewayLogger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/**
 * Bounds of one gateway process.
 *
 * @public
 */
export interface GatewayLimits {
  /** A request body as it arrives. Default 4 MiB. */
  maxBodyBytes: number;
  /** A request body after decompression. Default 16 MiB. */
  maxInflatedBytes: number;
  /** Default 5,000. */
  maxEventsPerRequest: number;
  /** One event as JSON text. Default 1 MiB. */
  maxEventBytes: number;
  /** Nesting of one event, the envelope being level 1. Default 64. */
  maxEventDepth: number;
  /**
   * Bodies being worked on at once; above it the gateway answers `overloaded`.
   * Default 128 MiB. A body is held until its events are answered.
   */
  maxInFlightBytes: number;
  /** What one write key may hold of it. Default 64 MiB. */
  maxInFlightBytesPerKey: number;
  /** How much of a refused event is kept. Default 64 KiB. */
  maxKeptRefusedBytes: number;
  /**
   * How long a batch gathers events of other requests at most, while the
   * previous one is on its way. Default 10. Longer means fewer, larger messages
   * with a slow broker.
   */
  gatherMs: number;
  /** Events per broker message. Default 5,000. */
  maxBatchEvents: number;
  /** NDJSON bytes per broker message. Default 1,000,000. */
  maxBatchBytes: number;
  /**
   * NDJSON bytes of one event type that are open or on their way; above it its
   * events are answered with `overloaded`. Default 32 MiB.
   */
  maxPendingBytesPerEventType: number;
  /** From the first attempt to giving up on a batch. Default 10,000. */
  publishTimeoutMs: number;
  /** How long `stop` waits for requests, and then for the ledger. Default 10,000. */
  drainTimeoutMs: number;
}

export const DEFAULT_LIMITS: GatewayLimits = {
  maxBodyBytes: 4 * 1024 * 1024,
  maxInflatedBytes: 16 * 1024 * 1024,
  maxEventsPerRequest: 5_000,
  maxEventBytes: 1024 * 1024,
  maxEventDepth: 64,
  maxInFlightBytes: 128 * 1024 * 1024,
  maxInFlightBytesPerKey: 64 * 1024 * 1024,
  maxKeptRefusedBytes: 64 * 1024,
  gatherMs: 10,
  maxBatchEvents: 5_000,
  maxBatchBytes: 1_000_000,
  maxPendingBytesPerEventType: 32 * 1024 * 1024,
  publishTimeoutMs: 10_000,
  drainTimeoutMs: 10_000,
};

/** @public */
export interface GatewayOptions {
  /** Stable name of this gateway: letters, digits, `_ . : -`. */
  gatewayId: string;
  /** Default `127.0.0.1`. */
  host?: string;
  /** 0 picks a free port. */
  port: number;
  /** Pub/Sub project. `PUBSUB_EMULATOR_HOST` points the client elsewhere. */
  projectId: string;
  /** Without it the gateway runs on the cached snapshot alone. */
  ledger?: Knex;
  /** Where the config snapshot is cached between lives. */
  snapshotFile: string;
  logger: GatewayLogger;
  limits?: Partial<GatewayLimits>;
  accessLimits?: Partial<AccessLimits>;
  /** Stamps the events. Default: the system's. */
  clock?: Clock;
}

import { type Metadata, status } from '@grpc/grpc-js';

/**
 * Every reason for which the broker does not start, or stops by itself.
 *
 * @public
 */
export const brokerErrorCodes = [
  'data_dir_unusable',
  'data_dir_locked',
  'data_dir_corrupt',
  'data_dir_unsupported',
  'port_in_use',
  'address_unavailable',
  'commit_failed',
  'commit_stalled',
  'store_closed',
] as const;

/** @public */
export type BrokerErrorCode = (typeof brokerErrorCodes)[number];

/**
 * A broker that cannot start or must stop. The message says what to do.
 *
 * @public
 */
export class BrokerError extends Error {
  readonly code: BrokerErrorCode;

  constructor(
    code: BrokerErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'BrokerError';
    this.code = code;
  }
}

/**
 * A refused call: the gRPC status, the text its caller reads, and for some
 * errors metadata that clients read.
 */
export class RpcError extends Error {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata | undefined;

  constructor(code: status, details: string, metadata?: Metadata) {
    super(details);
    this.name = 'RpcError';
    this.code = code;
    this.details = details;
    this.metadata = metadata;
  }
}

export function notFound(what: string): RpcError {
  return new RpcError(status.NOT_FOUND, `Resource not found: ${what}`);
}

export function alreadyExists(what: string): RpcError {
  return new RpcError(
    status.ALREADY_EXISTS,
    `Resource already exists: ${what}`,
  );
}

export function invalidArgument(details: string): RpcError {
  return new RpcError(status.INVALID_ARGUMENT, details);
}

export function failedPrecondition(details: string): RpcError {
  return new RpcError(status.FAILED_PRECONDITION, details);
}

export function unimplemented(what: string): RpcError {
  return new RpcError(
    status.UNIMPLEMENTED,
    `${what} is not served by the local broker`,
  );
}

export function resourceExhausted(details: string): RpcError {
  return new RpcError(status.RESOURCE_EXHAUSTED, details);
}

export function unavailable(details: string): RpcError {
  return new RpcError(status.UNAVAILABLE, details);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import {
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceDefinition,
  type UntypedHandleCall,
  type UntypedServiceImplementation,
  status,
} from '@grpc/grpc-js';
import {
  BrokerError,
  RpcError,
  messageOf,
  unavailable,
  unimplemented,
} from '../errors';
import { type BrokerLogger } from '../logger';

/** Answers one call, or throws an RpcError. */
export type UnaryHandler<Request, Response> = (
  request: Request,
  call: ServerUnaryCall<Request, Response>,
) => Response | Promise<Response>;

/** Makes a gRPC handler of a function that returns or throws. */
export function unary<Request, Response>(
  logger: BrokerLogger,
  handler: UnaryHandler<Request, Response>,
): UntypedHandleCall {
  return (
    call: ServerUnaryCall<Request, Response>,
    callback: (error: RpcError | null, response?: Response) => void,
  ) => {
    const run = async () => handler(call.request, call);
    run().then(
      response => callback(null, response),
      error => callback(asRpcError(error, logger)),
    );
  };
}

/**
 * Completes a service: what has no handler is refused by name, so that a
 * client that uses more than the broker serves says so at once.
 */
export function completeService(
  definition: ServiceDefinition,
  handlers: UntypedServiceImplementation,
): UntypedServiceImplementation {
  return Object.fromEntries(
    Object.entries(definition).map(([method, { path, responseStream }]) => {
      const refusal = unimplemented(path.slice(1));
      const refuse = responseStream
        ? (call: ServerDuplexStream<unknown, unknown>) =>
            call.emit('error', refusal)
        : (_call: unknown, callback: (error: RpcError) => void) =>
            callback(refusal);
      return [method, handlers[method] ?? refuse];
    }),
  );
}

/** What the caller is told about anything that was thrown. */
export function asRpcError(error: unknown, logger: BrokerLogger): RpcError {
  if (error instanceof RpcError) {
    return error;
  }
  if (error instanceof BrokerError) {
    return unavailable(error.message);
  }
  logger.error(`A call failed unexpectedly: ${messageOf(error)}`);
  return new RpcError(status.INTERNAL, messageOf(error));
}

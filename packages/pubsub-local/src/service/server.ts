import { Server, ServerCredentials } from '@grpc/grpc-js';
import { type Clock } from '../clock';
import { type MessageBroker } from '../delivery';
import { BrokerError, messageOf } from '../errors';
import { type BrokerLogger } from '../logger';
import { completeService } from './handlers';
import { createMetricService } from './metrics';
import { loadServices } from './protos';
import { createPublisher } from './publisher';
import { createSubscriber } from './subscriber';

/** Pub/Sub's limit of a request is 10 MB; its framing comes on top. */
const MAX_REQUEST_BYTES = 32 * 2 ** 20;

/** A gRPC server with all services of the broker, not listening yet. */
export function createServer(options: {
  broker: MessageBroker;
  clock: Clock;
  logger: BrokerLogger;
  isDiskLow: () => boolean;
}): Server {
  const services = loadServices();
  const server = new Server({
    'grpc.max_receive_message_length': MAX_REQUEST_BYTES,
    'grpc.max_send_message_length': -1,
  });
  const served = [
    { definition: services.publisher, handlers: createPublisher(options) },
    { definition: services.subscriber, handlers: createSubscriber(options) },
    {
      definition: services.metricService,
      handlers: createMetricService(options),
    },
    { definition: services.schemaService, handlers: {} },
    { definition: services.iamPolicy, handlers: {} },
  ];
  for (const { definition, handlers } of served) {
    server.addService(definition, completeService(definition, handlers));
  }
  return server;
}

/**
 * @returns the port, which the system chooses when `port` is 0
 * @throws BrokerError `port_in_use` or `address_unavailable`
 */
export function listen(
  server: Server,
  { host, port }: { host: string; port: number },
): Promise<number> {
  const address = `${host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(
      address,
      ServerCredentials.createInsecure(),
      (error, boundPort) => {
        if (!error) {
          resolve(boundPort);
          return;
        }
        const isInUse = /EADDRINUSE/.test(messageOf(error));
        reject(
          new BrokerError(
            isInUse ? 'port_in_use' : 'address_unavailable',
            isInUse
              ? `${address} is in use by another process; stop it or choose another port`
              : `Cannot listen on ${address}: ${messageOf(error)}`,
            { cause: error },
          ),
        );
      },
    );
  });
}

/** Lets calls under way finish for up to `graceMs`, then cuts them off. */
export async function shutDown(server: Server, graceMs: number): Promise<void> {
  await new Promise<void>(resolve => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, graceMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { type Clock } from '../clock';
import { type MessageBroker } from '../delivery';
import { BrokerError, messageOf } from '../errors';
import { type BrokerLogger } from '../logger';
import { completeService } from './handlers';
import { createMetricService } from './metrics';
import { loadServices } from './protos';
import { createPublisher } from './publisher';
import { type PublishRequest } from './publishRequest';
import { createSubscriber } from './subscriber';

/**
 * What is beyond Pub/Sub's 10 MB is refused with INVALID_ARGUMENT, but has to be
 * read for that; beyond this gRPC itself answers RESOURCE_EXHAUSTED.
 */
const MAX_RECEIVE_BYTES = 32 * 2 ** 20;

/** A gRPC server with all services of the broker, not listening yet. */
export function createServer(options: {
  broker: MessageBroker;
  clock: Clock;
  logger: BrokerLogger;
}): Server {
  const services = loadServices();
  const { codecs } = services;
  const server = new Server({
    'grpc.max_receive_message_length': MAX_RECEIVE_BYTES,
    'grpc.max_send_message_length': -1,
  });
  const served = [
    {
      definition: withRequestSize(services.publisher),
      handlers: createPublisher(options),
    },
    {
      definition: services.subscriber,
      handlers: createSubscriber({ ...options, codecs }),
    },
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

/** Lets the handler of Publish know how long its request was on the wire. */
function withRequestSize(publisher: ServiceDefinition): ServiceDefinition {
  const { Publish } = publisher;
  return {
    ...publisher,
    Publish: {
      ...Publish,
      requestDeserialize: (bytes: Buffer): PublishRequest => {
        const request: PublishRequest = Publish.requestDeserialize(bytes);
        request.byteLength = bytes.length;
        return request;
      },
    },
  };
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

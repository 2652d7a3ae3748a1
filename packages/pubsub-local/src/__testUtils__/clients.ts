import { MetricServiceClient } from '@google-cloud/monitoring';
import { PubSub, v1 } from '@google-cloud/pubsub';
import { credentials } from '@grpc/grpc-js';

/** The official clients, connected to a broker on this machine. */
export interface Clients {
  pubsub: PubSub;
  /** The generated client below `pubsub`, with a reply to every ack. */
  subscriber: v1.SubscriberClient;
  metrics: MetricServiceClient;
  close(): Promise<void>;
}

// The client would look for Google's metadata server on the network.
process.env.METADATA_SERVER_DETECTION = 'none';

export function connect(projectId: string, port: number | undefined): Clients {
  const address = {
    projectId,
    apiEndpoint: '127.0.0.1',
    port,
    sslCreds: credentials.createInsecure(),
  };
  const pubsub = new PubSub({
    projectId,
    emulatorMode: true,
    apiEndpoint: `127.0.0.1:${port}`,
  });
  const subscriber = new v1.SubscriberClient(address);
  const metrics = new MetricServiceClient(address);
  return {
    pubsub,
    subscriber,
    metrics,
    async close() {
      await subscriber.close();
      await metrics.close();
      await pubsub.close();
    },
  };
}

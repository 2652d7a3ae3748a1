import { PubSub } from '@google-cloud/pubsub';
import type { DeliveryConfig } from '../config';

/**
 * The official client, pointed at the local broker where there is one and at
 * Google Cloud Pub/Sub otherwise.
 */
export function createPubSub(
  config: Pick<DeliveryConfig, 'projectId' | 'brokerAddress'>,
): PubSub {
  const { projectId, brokerAddress } = config;
  if (!brokerAddress) {
    return new PubSub({ projectId });
  }
  return new PubSub({
    projectId,
    apiEndpoint: brokerAddress,
    emulatorMode: true,
    // Said outright, or the client asks Google's metadata server for it, which
    // on other machines is a slow no and a warning.
    clientOptions: { universeDomain: 'googleapis.com' },
  });
}

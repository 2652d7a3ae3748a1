import type { protos, PubSub } from '@google-cloud/pubsub';
import { CALL_OPTIONS } from '../brokerResources';

type PullResponse = protos.google.pubsub.v1.IPullResponse;

/** The broker may answer with nothing although there is something. */
const LOOKS = 3;

/**
 * Whether nothing can be pulled off a subscription. What is found is given back
 * at once. Only for those that nobody listens to: a consumer would have in hand
 * what is not seen here.
 */
export async function isSubscriptionEmpty(
  pubsub: PubSub,
  name: string,
): Promise<boolean> {
  const subscription = pubsub.subscription(name).name;
  for (let look = 0; look < LOOKS; look += 1) {
    const { receivedMessages = [] } = await call<PullResponse>(pubsub, 'pull', {
      subscription,
      maxMessages: 1,
      returnImmediately: true,
    });
    const ackIds = (receivedMessages ?? []).flatMap(({ ackId }) => ackId ?? []);
    if (ackIds.length > 0) {
      await call(pubsub, 'modifyAckDeadline', {
        subscription,
        ackIds,
        ackDeadlineSeconds: 0,
      });
      return false;
    }
  }
  return true;
}

async function call<T>(
  pubsub: PubSub,
  method: string,
  reqOpts: object,
): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    pubsub.request<T>(
      { client: 'SubscriberClient', method, reqOpts, gaxOpts: CALL_OPTIONS },
      (error, response) =>
        error ? reject(error) : resolve(response ?? ({} as T)),
    );
  });
}

import type { EventType } from '@millrace/plugin-event-types-common';
import { refusedSubscriptionOf, subscriptionOf } from '@millrace/schema';
import {
  type BrokerResources,
  SUBSCRIPTION_SETTINGS,
  type SubscriptionDetails,
} from '../brokerResources';

/** A subscription that is not as it was made. */
export interface DriftedSubscription {
  eventType: string;
  name: string;
  /** What is wrong, in words. */
  differences: string[];
}

/**
 * The subscriptions of event types whose settings somebody has changed. Any of
 * them can lose accepted events: a short retention or an expiry delete what the
 * workers have not taken, a short deadline has them take all of it again.
 */
export function findDrift(
  declared: Pick<EventType, 'name'>[],
  existing: BrokerResources,
): DriftedSubscription[] {
  return declared.flatMap(({ name: eventType }) =>
    [subscriptionOf(eventType), refusedSubscriptionOf(eventType)].flatMap(
      name => {
        const details = existing.subscriptionDetails.get(name);
        const differences = details ? differencesOf(details) : [];
        return differences.length > 0 ? [{ eventType, name, differences }] : [];
      },
    ),
  );
}

function differencesOf(details: SubscriptionDetails): string[] {
  const { ackDeadlineSeconds, messageRetentionDuration, expirationPolicy } =
    details;
  const retentionSeconds = Number(messageRetentionDuration?.seconds ?? 0);
  const expirySeconds = Number(expirationPolicy?.ttl?.seconds ?? 0);
  const wanted = SUBSCRIPTION_SETTINGS;
  return [
    ackDeadlineSeconds !== wanted.ackDeadlineSeconds &&
      `its acknowledgement deadline was ${ackDeadlineSeconds} s instead of ${wanted.ackDeadlineSeconds} s`,
    retentionSeconds !== wanted.messageRetentionDuration.seconds &&
      `it kept messages for ${retentionSeconds} s instead of ${wanted.messageRetentionDuration.seconds} s`,
    expirySeconds !== 0 &&
      `it would have been deleted after ${expirySeconds} s without use`,
  ].filter(difference => difference !== false);
}

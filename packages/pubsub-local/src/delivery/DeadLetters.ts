import { type Clock } from '../clock';
import { messageOf } from '../errors';
import { type BrokerLogger } from '../logger';
import { type BrokerStore, type DeadLetterPolicy } from '../store';
import { type PendingMessage } from './message';
import { type Publishing } from './Publishing';
import { type References } from './References';
import { type Registry } from './Registry';
import { type Subscription } from './Subscription';

const WARN_EVERY_MS = 60_000;

/**
 * Forwards messages that failed too often to their dead-letter topic.
 *
 * Forwarding is one transaction: the copy appears for every subscription of the
 * dead-letter topic and the original goes, or neither. Where nobody would hold
 * the copy (the topic was deleted, or has no subscription that wants it, and no
 * retention of its own), nothing is forwarded: the message stays where it is and
 * is delivered again, and the log says so. Google's service loses it instead.
 */
export class DeadLetters {
  readonly #store: BrokerStore;
  readonly #clock: Clock;
  readonly #logger: BrokerLogger;
  readonly #registry: Registry;
  readonly #references: References;
  readonly #publishing: Publishing;
  readonly #isDiskLow: () => boolean;
  readonly #warnedAtMs = new Map<string, number>();

  constructor(options: {
    store: BrokerStore;
    clock: Clock;
    logger: BrokerLogger;
    registry: Registry;
    references: References;
    publishing: Publishing;
    isDiskLow: () => boolean;
  }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#registry = options.registry;
    this.#references = options.references;
    this.#publishing = options.publishing;
    this.#isDiskLow = options.isDiskLow;
  }

  /**
   * Forwards a message whose delivery just failed, if it is due.
   *
   * @returns true when the message has left its subscription
   */
  forward(subscription: Subscription, message: PendingMessage): boolean {
    const { stored } = subscription;
    const policy = stored.deadLetterPolicy;
    if (!policy || message.failures < policy.maxDeliveryAttempts) {
      return false;
    }
    const content = this.#store.readMessage(message.sequence);
    if (!content || this.#isDiskLow()) {
      return false;
    }
    const { envelope, body } = content;
    const routed = this.#registry.hasTopic(policy.deadLetterTopic)
      ? this.#publishing.route(
          policy.deadLetterTopic,
          [
            {
              body,
              orderingKey: envelope.orderingKey,
              attributes: {
                ...envelope.attributes,
                ...sourceAttributes(stored, message),
              },
            },
          ],
          this.#clock.wallMs(),
        )
      : [];
    if (
      !routed.some(
        each => each.subscriptions.length + each.keeperIds.length > 0,
      )
    ) {
      this.#warn(stored.name, policy);
      return false;
    }
    subscription.backlog.remove(message.sequence);
    const drop = this.#references.drop(stored.id, [message.sequence]);
    this.#store
      .write(writer => {
        drop(writer);
        this.#publishing.write(writer, routed);
      }, body.length)
      .then(() => this.#publishing.arrive(routed))
      // The store ends the broker when a commit fails.
      .catch(error =>
        this.#logger.error(`Dead-lettering ended: ${messageOf(error)}`),
      );
    return true;
  }

  #warn(subscription: string, policy: DeadLetterPolicy): void {
    const nowMs = this.#clock.monotonicMs();
    const warnedAtMs = this.#warnedAtMs.get(subscription) ?? -Infinity;
    if (nowMs - warnedAtMs >= WARN_EVERY_MS) {
      this.#warnedAtMs.set(subscription, nowMs);
      this.#logger.warn(
        'A message is due for its dead-letter topic, but nobody would get it there; it stays in its subscription. Create a subscription of the dead-letter topic',
        { subscription, deadLetterTopic: policy.deadLetterTopic },
      );
    }
  }
}

/** What Pub/Sub adds to a message it forwards. */
function sourceAttributes(
  stored: { name: string },
  message: PendingMessage,
): Record<string, string> {
  const [, project, , subscription] = stored.name.split('/');
  return {
    CloudPubSubDeadLetterSourceDeliveryCount: String(message.failures),
    CloudPubSubDeadLetterSourceSubscription: subscription,
    CloudPubSubDeadLetterSourceSubscriptionProject: project,
    CloudPubSubDeadLetterSourceTopicPublishTime: new Date(
      message.publishTimeMs,
    ).toISOString(),
  };
}

import { crc32 } from 'node:zlib';
import { type Envelope, type StoreWriter } from '../store';
import { type References } from './References';
import { type Registry } from './Registry';
import { type Subscription } from './Subscription';

/** A message as a publisher hands it in. */
export interface NewMessage {
  body: Buffer;
  attributes: Record<string, string>;
  orderingKey?: string;
}

/** A message on its way to all that will hold it. */
export interface RoutedMessage {
  sequence: number;
  envelope: Envelope;
  body: Buffer;
  /** Subscriptions whose filter lets it through. */
  subscriptions: Subscription[];
  /** Snapshots of the topic, and its log. */
  keeperIds: number[];
}

/**
 * The three steps of a message into the broker: who gets it, what is written,
 * and, once that is durable, its arrival in the backlogs. A message nobody holds
 * is not written.
 */
export class Publishing {
  readonly #registry: Registry;
  readonly #references: References;
  #nextSequence = 1;

  constructor(options: { registry: Registry; references: References }) {
    this.#registry = options.registry;
    this.#references = options.references;
  }

  /** Sequences below were all given out. */
  startAt(nextSequence: number): void {
    this.#nextSequence = nextSequence;
  }

  route(
    topicName: string,
    messages: readonly NewMessage[],
    publishTimeMs: number,
  ): RoutedMessage[] {
    const all = this.#registry.subscriptionsOf(topicName);
    const isFiltered = all.some(({ stored }) => stored.filter);
    const keeperIds = this.#registry.keeperIdsOf(topicName);
    return messages.map(({ body, attributes, orderingKey }) => ({
      sequence: this.#nextSequence++,
      envelope: {
        publishTimeMs,
        attributes,
        ...(orderingKey && { orderingKey }),
        bytes: body.length,
        crc32: crc32(body),
      },
      body,
      subscriptions: isFiltered
        ? all.filter(subscription => subscription.wants(attributes))
        : all,
      keeperIds,
    }));
  }

  write(writer: StoreWriter, messages: readonly RoutedMessage[]): void {
    const last = messages.at(-1);
    if (last) {
      writer.putNextSequence(last.sequence + 1);
    }
    for (const message of messages) {
      const { sequence, envelope, subscriptions, keeperIds } = message;
      const put = (holderId: number, orderingKey?: string) =>
        writer.putReference({
          holderId,
          sequence,
          publishTimeMs: envelope.publishTimeMs,
          bytes: envelope.bytes,
          state: 'pending',
          failures: 0,
          orderingKey,
        });
      for (const { stored } of subscriptions) {
        put(
          stored.id,
          stored.enableMessageOrdering ? envelope.orderingKey : undefined,
        );
      }
      keeperIds.forEach(id => put(id));
      if (subscriptions.length + keeperIds.length > 0) {
        writer.putMessage(sequence, envelope, message.body);
      }
    }
  }

  /** To be called when the messages are durable. */
  arrive(messages: readonly RoutedMessage[]): void {
    const woken = new Set<Subscription>();
    for (const { sequence, envelope, subscriptions, keeperIds } of messages) {
      const { publishTimeMs, bytes } = envelope;
      this.#references.set(sequence, subscriptions.length + keeperIds.length);
      for (const subscription of subscriptions) {
        // What a subscription deleted in the meantime had is purged with it.
        if (this.#registry.isAlive(subscription)) {
          subscription.backlog.add({
            sequence,
            publishTimeMs,
            bytes,
            failures: 0,
            orderingKey: subscription.stored.enableMessageOrdering
              ? envelope.orderingKey
              : undefined,
          });
          woken.add(subscription);
        }
      }
    }
    woken.forEach(subscription => subscription.dispatchSoon());
  }
}

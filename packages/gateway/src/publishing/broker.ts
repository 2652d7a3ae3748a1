import { PubSub, Topic } from '@google-cloud/pubsub';
import { Clock, withTimeout } from '../clock';

/** Where batches go. */
export interface Broker {
  /** Resolves when the broker has committed the message; rejects otherwise. */
  publish(
    topic: string,
    data: Buffer,
    attributes: Record<string, string>,
  ): Promise<void>;
}

/** What is known about the broker from the last time it was asked. */
export type BrokerHealth = 'unknown' | 'ok' | 'failing';

const RETRIED_CODES = [
  4, // DEADLINE_EXCEEDED
  8, // RESOURCE_EXHAUSTED
  10, // ABORTED
  13, // INTERNAL
  14, // UNAVAILABLE
];
const NOT_FOUND = 5;
const PROBE_TIMEOUT_MS = 3_000;
/** Has no subscription: what is published to it is gone at once. */
const PROBE_TOPIC = 'gateway-probe';
const PROBE = Buffer.from('probe');

/**
 * The channel's own back-off grows to two minutes, in which a broker that is
 * long back would still be answered for with 503.
 */
const CHANNEL_OPTIONS: Record<string, number> = {
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 2_000,
};

/**
 * The official Pub/Sub client, with one bound on the time a publish may take.
 *
 * The client's own batching is off: a message is already a batch, and a second
 * wait would only add latency. It retries what may pass within the bound; such
 * a retry can commit a message twice, which consumers recognise by its batch
 * number. A publish that was given up may still be committed later.
 */
export class PubSubBroker implements Broker {
  private readonly pubsub: PubSub;
  private readonly topics = new Map<string, Topic>();
  private state: BrokerHealth = 'unknown';
  /** Since the last probe. */
  private hasPublished = false;

  constructor(
    private readonly options: {
      projectId: string;
      timeoutMs: number;
      clock: Clock;
    },
  ) {
    this.pubsub = new PubSub({
      ...CHANNEL_OPTIONS,
      projectId: options.projectId,
    });
  }

  get health(): BrokerHealth {
    return this.state;
  }

  async publish(
    topic: string,
    data: Buffer,
    attributes: Record<string, string>,
  ): Promise<void> {
    const { clock, timeoutMs } = this.options;
    try {
      await withTimeout(
        clock,
        timeoutMs,
        'Publishing',
        this.topicOf(topic).publishMessage({ data, attributes }),
      );
      this.state = 'ok';
      this.hasPublished = true;
    } catch (error) {
      // One topic says nothing about the broker: the next probe will tell.
      this.hasPublished = false;
      throw error;
    }
  }

  /**
   * Finds out whether a publish works, by publishing to a topic that nobody
   * reads. While events are being published, they are the proof. Only a probe
   * tells that the broker is away, so that trouble with one topic keeps no
   * event of another out.
   */
  async probe(): Promise<void> {
    if (this.hasPublished) {
      this.hasPublished = false;
      return;
    }
    const { clock } = this.options;
    try {
      const topic = this.topicOf(PROBE_TOPIC);
      const call = topic.publishMessage({ data: PROBE }).catch(async error => {
        if (!isNotFound(error)) {
          throw error;
        }
        await topic.create();
        await topic.publishMessage({ data: PROBE });
      });
      await withTimeout(clock, PROBE_TIMEOUT_MS, 'A probe', call);
      this.state = 'ok';
    } catch (error) {
      this.state = 'failing';
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.pubsub.close();
  }

  private topicOf(name: string): Topic {
    let topic = this.topics.get(name);
    if (!topic) {
      const { timeoutMs } = this.options;
      topic = this.pubsub.topic(name, {
        batching: { maxMessages: 1 },
        gaxOpts: {
          timeout: timeoutMs,
          retry: {
            retryCodes: RETRIED_CODES,
            backoffSettings: {
              initialRetryDelayMillis: 50,
              retryDelayMultiplier: 2,
              maxRetryDelayMillis: 1_000,
              initialRpcTimeoutMillis: timeoutMs,
              rpcTimeoutMultiplier: 1,
              maxRpcTimeoutMillis: timeoutMs,
              totalTimeoutMillis: timeoutMs,
            },
          },
        },
      });
      this.topics.set(name, topic);
    }
    return topic;
  }
}

/** Whether the broker has no such topic. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === NOT_FOUND;
}

import { Bucket, encodeBatchAttributes } from '@millrace/schema';
import { Clock } from '../clock';
import { BucketBook } from '../lifecycle';
import { GatewayLimits, GatewayLogger } from '../options';
import { AcceptedEventType } from '../snapshot';
import { BatchGatherer } from './batchGatherer';
import { Broker } from './broker';
import { compressLines } from './compressLines';

/** Publishes accepted events. */
export interface EventPublisher {
  /** Resolves to whether the batch that took the event is committed. */
  publish(
    eventType: AcceptedEventType,
    bucket: Bucket,
    line: string,
  ): Promise<boolean>;
  /** Resolves when nothing is open or on its way. */
  flush(): Promise<void>;
}

/** What publishers work with. */
export interface PublisherOptions {
  gateway: string;
  epoch: string;
  broker: Broker;
  clock: Clock;
  limits: GatewayLimits;
  logger: GatewayLogger;
}

/**
 * Gathers accepted events into batches of one event type, schema version and
 * bucket, and publishes each as one message.
 *
 * Every batch gets its number right before its first attempt, and its outcome
 * goes into the bucket book: confirmed, or given up, which covers "never left"
 * as well as "the reply was lost". A given-up batch is never tried again under
 * its number; its events come again from their producers.
 */
export function createEventPublisher(
  options: PublisherOptions & { book: BucketBook },
): EventPublisher {
  const { gateway, epoch, broker, book, clock, limits, logger } = options;

  const gatherer = new BatchGatherer<{
    eventType: AcceptedEventType;
    bucket: Bucket;
  }>({
    clock,
    gatherMs: limits.gatherMs,
    maxBatchEvents: limits.maxBatchEvents,
    maxBatchBytes: limits.maxBatchBytes,
    onOpen: ({ bucket }) => book.hold(bucket),
    publish: async ({ eventType, bucket }, lines) => {
      const { name, version, topic } = eventType;
      const batch = book.nextBatch(bucket, name);
      const events = lines.length;
      let isConfirmed = false;
      try {
        const { data, bytes } = await compressLines(lines);
        const attributes = encodeBatchAttributes({
          gateway,
          epoch,
          eventType: name,
          schemaVersion: version,
          bucket,
          batch,
          events,
          bytes,
        });
        await broker.publish(topic, data, attributes);
        isConfirmed = true;
      } catch (error) {
        logger.warn(`A batch of ${name} was not committed: ${error}`);
      }
      book.settle(bucket, { eventType: name, batch, events, isConfirmed });
      return isConfirmed;
    },
  });

  return {
    publish: (eventType, bucket, line) =>
      gatherer.add(
        `${eventType.name} ${eventType.version} ${bucket.start.getTime()}`,
        { eventType, bucket },
        line,
      ),
    flush: () => gatherer.flush(),
  };
}

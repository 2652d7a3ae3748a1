import { crc32 } from 'node:zlib';
import { Bucket, encodeBatchAttributes } from '@millrace/schema';
import { Clock } from '../clock';
import { BucketBook } from '../lifecycle';
import { GatewayMetrics } from '../metrics';
import { GatewayLimits, GatewayLogger } from '../options';
import { AcceptedEventType } from '../snapshot';
import { Batch, BatchGatherer } from './batchGatherer';
import { Broker } from './broker';
import { compressLines } from './compressLines';
import { GathererSet } from './gathererSet';
import { LineBuffer, LineSource } from './lineBuffer';

/** Publishes accepted events. */
export interface EventPublisher {
  /** The batch that took the event; `undefined` when there is no room. */
  publish(
    eventType: AcceptedEventType,
    bucket: Bucket,
    prefix: Buffer,
    event: LineSource,
  ): Batch | undefined;
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
  metrics: GatewayMetrics;
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
  const { gateway, epoch, broker, book, clock, limits, logger, metrics } =
    options;

  const createGatherer = (eventType: AcceptedEventType, bucket: Bucket) =>
    new BatchGatherer({
      clock,
      ...limits,
      maxPendingBytes: limits.maxPendingBytesPerEventType,
      onOpen: () => book.hold(bucket),
      publish: lines => publish(eventType, bucket, lines),
    });

  async function publish(
    { name, version, topic }: AcceptedEventType,
    bucket: Bucket,
    lines: LineBuffer,
  ): Promise<boolean> {
    const batch = book.nextBatch(bucket, name);
    const events = lines.lines;
    const bytes = lines.byteLength;
    // Of the lines as they are, so that it also covers compressing them.
    const crc = crc32(lines.bytes);
    let isConfirmed = false;
    try {
      const attributes = encodeBatchAttributes({
        gateway,
        epoch,
        eventType: name,
        schemaVersion: version,
        bucket,
        batch,
        events,
        bytes,
        crc,
      });
      const data = await compressLines(lines.bytes);
      await broker.publish(topic, data, attributes);
      isConfirmed = true;
    } catch (error) {
      logger.warn(`A batch of ${name} was not committed: ${error}`);
    }
    book.settle(bucket, { eventType: name, batch, events, crc, isConfirmed });
    metrics.batch(isConfirmed, bytes);
    return isConfirmed;
  }

  // By event type as the snapshot at hand has it, and the bucket of now. What
  // an earlier snapshot or bucket left open leaves by itself.
  const gatherers = new GathererSet<AcceptedEventType, Bucket>(createGatherer);
  return {
    publish: (eventType, bucket, prefix, event) =>
      gatherers.of(eventType, bucket).add(prefix, event),
    flush: () => gatherers.flush(),
  };
}

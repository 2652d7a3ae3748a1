import {
  encodeRefusedAttributes,
  REFUSED_TOPIC,
  RefusedEvent,
} from '@millrace/schema';
import { BatchGatherer } from './batchGatherer';
import { compressLines } from './compressLines';
import { PublisherOptions } from './eventPublisher';

/** Publishes refused events. */
export interface RefusedPublisher {
  /** Resolves to whether the refusal is committed. */
  publish(refusal: RefusedEvent): Promise<boolean>;
  /** Resolves when nothing is open or on its way. */
  flush(): Promise<void>;
}

/**
 * Gathers refusals of all event types and publishes them on one topic, by the
 * same rule as accepted events: the sender is told only after the commit.
 */
export function createRefusedPublisher(
  options: PublisherOptions,
): RefusedPublisher {
  const { gateway, epoch, broker, clock, limits, logger } = options;
  let lastBatch = 0;

  const gatherer = new BatchGatherer<undefined>({
    clock,
    gatherMs: limits.gatherMs,
    maxBatchEvents: limits.maxBatchEvents,
    maxBatchBytes: limits.maxBatchBytes,
    publish: async (_context, lines) => {
      lastBatch += 1;
      const batch = lastBatch;
      try {
        const { data } = await compressLines(lines);
        const attributes = encodeRefusedAttributes({
          gateway,
          epoch,
          batch,
          events: lines.length,
        });
        await broker.publish(REFUSED_TOPIC, data, attributes);
        return true;
      } catch (error) {
        logger.warn(`Refused events were not committed: ${error}`);
        return false;
      }
    },
  });

  return {
    publish: refusal =>
      gatherer.add('refused', undefined, JSON.stringify(refusal)),
    flush: () => gatherer.flush(),
  };
}

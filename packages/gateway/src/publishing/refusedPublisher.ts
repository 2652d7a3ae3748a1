import { encodeRefusedAttributes, REFUSED_TOPIC } from '@millrace/schema';
import { Batch, BatchGatherer } from './batchGatherer';
import { compressLines } from './compressLines';
import { isNotFound } from './broker';
import { PublisherOptions } from './eventPublisher';
import { LineBuffer, LineSource } from './lineBuffer';

/** Publishes refused events. */
export interface RefusedPublisher {
  /**
   * The batch that took the refusal, a `RefusedEvent` in JSON; `undefined` when
   * there is no room. Without a topic of its event type it goes to the one of
   * all types.
   */
  publish(
    prefix: Buffer,
    refusal: LineSource,
    topic?: string,
  ): Batch | undefined;
  /** Resolves when nothing is open or on its way. */
  flush(): Promise<void>;
}

/**
 * Gathers refusals and publishes them by the same rule as accepted events: the
 * sender is told only after the commit. One topic per event type, so that a
 * type refused wholesale delays no other's refusals.
 */
export function createRefusedPublisher(
  options: PublisherOptions,
): RefusedPublisher {
  const { gateway, epoch, broker, clock, limits, logger, metrics } = options;
  const gatherers = new Map<string, BatchGatherer>();
  let lastBatch = 0;

  async function publish(topic: string, lines: LineBuffer): Promise<boolean> {
    lastBatch += 1;
    const batch = lastBatch;
    let isConfirmed = false;
    const bytes = lines.byteLength;
    try {
      const attributes = encodeRefusedAttributes({
        gateway,
        epoch,
        batch,
        events: lines.lines,
      });
      const data = await compressLines(lines.bytes);
      try {
        await broker.publish(topic, data, attributes);
      } catch (error) {
        if (!isNotFound(error)) {
          throw error;
        }
        // The topic of a type may come later than the type: nothing waits.
        await broker.publish(REFUSED_TOPIC, data, attributes);
      }
      isConfirmed = true;
    } catch (error) {
      logger.warn(`Refused events were not committed to ${topic}: ${error}`);
    }
    metrics.batch(isConfirmed, bytes);
    return isConfirmed;
  }

  function gathererOf(topic: string): BatchGatherer {
    let gatherer = gatherers.get(topic);
    if (!gatherer) {
      gatherer = new BatchGatherer({
        clock,
        ...limits,
        maxPendingBytes: limits.maxPendingBytesPerEventType,
        publish: lines => publish(topic, lines),
      });
      gatherers.set(topic, gatherer);
    }
    return gatherer;
  }

  return {
    publish: (prefix, refusal, topic = REFUSED_TOPIC) =>
      gathererOf(topic).add(prefix, refusal),
    flush: async () => {
      await Promise.all([...gatherers.values()].map(each => each.flush()));
    },
  };
}

import { FileQueue } from '../fileQueue';
import { resolveOptions } from '../options';
import { DefaultProducer } from '../producer';
import { EventQueue, MemoryQueue, QueueListener } from '../queue';
import { Producer } from '../types';
import { installExitHook } from './exitHook';
import { nodePlatform } from './nodePlatform';
import {
  backgroundClockOf,
  defaultParts,
  FILE_QUEUE_DEFAULTS,
  NodeParts,
  ProducerOptions,
  resolveFileQueue,
} from './options';

/**
 * Creates a producer. It works in the background until it is closed.
 *
 * @throws ProducerError with code `invalid_option`
 * @public
 */
export function createProducer(options: ProducerOptions): Producer {
  return createProducerWith(options);
}

/** As `createProducer`, on a machine that a test provides. */
export function createProducerWith(
  options: ProducerOptions,
  parts: NodeParts = {},
): Producer {
  const { queue = 'memory', flushOnExit = false } = options;
  const isInMemory = queue === 'memory';
  const settings = resolveOptions(
    // A producer that flushes on exit must let the process come to its end.
    flushOnExit ? { ...options, clock: backgroundClockOf(options) } : options,
    isInMemory ? undefined : FILE_QUEUE_DEFAULTS,
  );
  const file = isInMemory ? undefined : resolveFileQueue(queue);

  const createQueue = (listener: QueueListener): EventQueue =>
    file
      ? new FileQueue(
          {
            ...defaultParts,
            ...parts,
            ...file,
            maxPendingBytes: settings.maxBufferedBytes,
            whenFull: settings.whenFull,
            producer: options.producer,
            clock: settings.clock,
            backgroundClock: backgroundClockOf(options),
          },
          listener,
        )
      : new MemoryQueue(
          { ...settings, byteLength: nodePlatform.byteLength },
          listener,
        );

  const producer = new DefaultProducer({
    options: settings,
    platform: nodePlatform,
    createQueue,
  });
  if (flushOnExit) {
    const hook = flushOnExit === true ? {} : flushOnExit;
    producer.onClosed(installExitHook(producer, hook));
  }
  return producer;
}

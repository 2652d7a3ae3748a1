import {
  CommonProducerOptions,
  integer,
  invalid,
  MIB,
  resolveOptions,
  text,
} from '../options';
import { DefaultProducer } from '../producer';
import { EventQueue, MemoryQueue, QueueListener } from '../queue';
import { Producer } from '../types';
import { createBrowserPlatform } from './browserPlatform';
import { IndexedDbQueue } from './indexedDbQueue';
import { Page, sendOnPageHide } from './pageHide';

/**
 * A queue in IndexedDB. What it has taken survives the tab and the browser.
 *
 * @public
 */
export interface BrowserQueueOptions {
  /** Name of the database; tabs with the same share it. Default `millrace`. */
  name?: string;
  /** Bytes of JSON a tab looks after. Default 8 MiB. */
  maxBytes?: number;
}

/** @public */
export interface ProducerOptions extends CommonProducerOptions {
  /**
   * Where events wait. Default: IndexedDB. With `memory` nothing is stored in
   * the browser, and what has no verdict when the page goes is lost but for one
   * beacon.
   */
  queue?: 'memory' | BrowserQueueOptions;
  /** Send what fits a beacon when the page goes away. Default true. */
  sendOnPageHide?: boolean;
}

/** What tests put in the place of the page. */
export interface BrowserParts {
  indexedDB?: IDBFactory;
  locks?: LockManager;
  page?: Page;
}

const DEFAULT_MAX_BYTES = 8 * MIB;
const MIN_MAX_BYTES = 16 * 1024;

/**
 * Creates a producer for a page. It works in the background until it is closed.
 *
 * Its name is a new one for each page unless `producer` is set: nothing that
 * lasts tells one visitor from another.
 *
 * @throws ProducerError with code `invalid_option`
 * @public
 */
export function createProducer(options: ProducerOptions): Producer {
  const { indexedDB, navigator, window } = globalThis;
  return createProducerWith(options, {
    indexedDB,
    locks: navigator?.locks,
    page: window,
  });
}

/** As `createProducer`, on a page that a test provides. */
export function createProducerWith(
  options: ProducerOptions,
  parts: BrowserParts,
): Producer {
  const { queue = {} } = options;
  if (queue !== 'memory' && (typeof queue !== 'object' || queue === null)) {
    throw invalid('queue', "'memory' or an object");
  }
  const isInMemory = queue === 'memory';
  const maxBytes = integer(
    'queue.maxBytes',
    isInMemory ? undefined : queue.maxBytes,
    DEFAULT_MAX_BYTES,
    MIN_MAX_BYTES,
  );
  const name = isInMemory ? '' : text('queue.name', queue.name ?? 'millrace');
  const settings = resolveOptions(options, {
    whenFull: isInMemory ? 'refuse' : 'drop_oldest',
    maxBufferedBytes: maxBytes,
  });
  const platform = createBrowserPlatform(settings.maxConcurrentRequests);
  const { byteLength } = platform;

  const createQueue = (listener: QueueListener): EventQueue =>
    isInMemory
      ? new MemoryQueue({ ...settings, byteLength }, listener)
      : new IndexedDbQueue(
          {
            ...settings,
            byteLength,
            name,
            indexedDB: parts.indexedDB,
            locks: parts.locks,
          },
          listener,
        );
  const producer = new DefaultProducer({
    options: settings,
    platform,
    createQueue,
  });
  if (parts.page && (options.sendOnPageHide ?? true)) {
    const { writeKey } = settings;
    producer.onClosed(sendOnPageHide(parts.page, producer, writeKey));
  }
  return producer;
}

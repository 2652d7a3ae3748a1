import { ProducerError } from '../errors';
import {
  AppendListener,
  EncodedEvent,
  EventQueue,
  MemoryQueue,
  MemoryQueueOptions,
  QueuedEvent,
  QueueListener,
} from '../queue';
import { Clock, Drop } from '../types';
import { EpochLocks, leasedEpochLocks, webEpochLocks } from './epochLocks';
import { EventStore, openEventStore, StoredEvent } from './eventStore';

/*
 * How the browser queue works
 *
 * Events wait in memory, within bounds, and each has a copy in IndexedDB until
 * it is settled. All tabs of an origin share the database, each tab writes under
 * an epoch of its own, and holds that epoch for as long as it lives. Every tab
 * looks for epochs nobody holds, at its start and every minute, takes them, and
 * sends what is in them with the ids and numbers they have.
 *
 * Where IndexedDB is not to be had, or is full, events wait in memory alone, and
 * whoever enqueued them is told so.
 */

const ADOPT_EVERY_MS = 60_000;

export interface IndexedDbQueueOptions extends MemoryQueueOptions {
  /** Name of the database. */
  name: string;
  indexedDB: IDBFactory | undefined;
  locks: LockManager | undefined;
  clock: Clock;
}

/** Events that survive the tab. */
export class IndexedDbQueue implements EventQueue {
  readonly isDurable = true;
  private readonly memory: MemoryQueue;
  private store: EventStore | undefined;
  private locks: EpochLocks | undefined;
  private opening: Promise<void> | undefined;
  private cancelAdoption: () => void = () => {};
  private isClosed = false;

  constructor(
    private readonly options: IndexedDbQueueOptions,
    private readonly listener: QueueListener,
  ) {
    this.memory = new MemoryQueue(
      {
        ...options,
        mirror: {
          put: event => this.put(event),
          remove: events => this.store?.remove(events.map(keyOf)),
        },
      },
      listener,
    );
  }

  get producer(): string {
    return this.memory.producer;
  }

  get epoch(): string {
    return this.memory.epoch;
  }

  get lastPosition(): number {
    return this.memory.lastPosition;
  }

  open(): Promise<void> {
    this.opening ??= this.openStore().catch(error => this.fail(error));
    return this.opening;
  }

  append(event: EncodedEvent, listener: AppendListener): void {
    this.memory.append(event, listener);
  }

  next(): QueuedEvent | undefined {
    return this.memory.next();
  }

  settle(events: readonly QueuedEvent[]): void {
    this.memory.settle(events);
  }

  abandon(events: readonly QueuedEvent[]): void {
    this.memory.abandon(events);
  }

  firstUnread(): number {
    return this.memory.firstUnread();
  }

  size() {
    return this.memory.size();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.cancelAdoption();
    await this.opening;
    // Every transaction asked for so far is done when a later one is.
    await this.store?.epochs().catch(() => {});
    this.locks?.release();
    this.store?.close();
  }

  /** What was appended before the database was open is stored then. */
  private async put(event: QueuedEvent): Promise<boolean> {
    if (!this.store) {
      await this.open();
    }
    return (await this.store?.put(event)) ?? false;
  }

  private async openStore(): Promise<void> {
    const { indexedDB, name, locks, clock } = this.options;
    if (!indexedDB) {
      throw new Error('This page has no IndexedDB');
    }
    const store = await openEventStore(indexedDB, name, error =>
      this.fail(error),
    );
    this.locks = locks
      ? webEpochLocks(locks, name)
      : leasedEpochLocks(store, clock);
    await this.locks.take(this.epoch);
    this.store = store;
    await this.adopt(store, this.locks);
  }

  /** Takes over what tabs that are gone have left. */
  private async adopt(store: EventStore, locks: EpochLocks): Promise<void> {
    try {
      for (const epoch of await store.epochs()) {
        if (epoch !== this.epoch && (await locks.take(epoch))) {
          this.takeIn(await store.read(epoch));
        }
      }
    } finally {
      if (!this.isClosed) {
        this.cancelAdoption = this.options.clock.schedule(() => {
          this.adopt(store, locks).catch(error => this.fail(error));
        }, ADOPT_EVERY_MS);
      }
    }
  }

  private takeIn(events: readonly StoredEvent[]): void {
    const { maxBufferedBytes, maxBufferedEvents } = this.options;
    const size = this.memory.size();
    let room = Math.max(0, maxBufferedBytes - size.bytes);
    let places = Math.max(0, maxBufferedEvents - size.events);
    // The newest that fit; the bound is one of everything a tab looks after.
    let first = events.length;
    while (first > 0 && places > 0 && events[first - 1].bytes <= room) {
      first -= 1;
      places -= 1;
      room -= events[first].bytes;
    }
    this.listener.onRecovered(events.length);
    this.giveUp(events.slice(0, first));
    events.slice(first).forEach(event => this.memory.add(event));
    if (first < events.length) {
      this.listener.onReady();
    }
  }

  private giveUp(events: readonly StoredEvent[]): void {
    if (events.length === 0) {
      return;
    }
    this.store?.remove(events.map(keyOf));
    const drop: Drop = {
      reason: 'queue_full',
      events: events.length,
      bytes: events.reduce((sum, { bytes }) => sum + bytes, 0),
      epoch: events[0].epoch,
      firstSequence: events[0].sequence,
      lastSequence: events[events.length - 1].sequence,
    };
    this.listener.onDrop(drop, []);
    const report = this.listener.report(drop);
    if (report) {
      this.memory.append(report, {
        taken: () => this.listener.onReportTaken(),
        failed: () => {},
      });
    }
  }

  private fail(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.listener.onProblem(
      new ProducerError(
        'queue_unavailable',
        `Events wait in memory only: ${reason}`,
        { cause: error },
      ),
      0,
    );
  }
}

function keyOf({
  epoch,
  sequence,
}: Pick<StoredEvent, 'epoch' | 'sequence'>): [string, number] {
  return [epoch, sequence];
}

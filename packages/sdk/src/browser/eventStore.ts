import { QueuedEvent } from '../queue';

/** An event as it lies in IndexedDB. */
export type StoredEvent = Pick<
  QueuedEvent,
  'id' | 'epoch' | 'sequence' | 'json' | 'bytes'
>;

type Key = [epoch: string, sequence: number];

type Change = { put: StoredEvent } | { remove: Key };

const EVENTS = 'events';
const LEASES = 'leases';

/** The events of all tabs of an origin, in one IndexedDB database. */
export interface EventStore {
  /** Durable when the promise resolves to true; false when it cannot be. */
  put(event: StoredEvent): Promise<boolean>;
  remove(keys: readonly Key[]): void;
  /** Epochs with events, oldest first. */
  epochs(): Promise<string[]>;
  /** Events of an epoch, in order. */
  read(epoch: string): Promise<StoredEvent[]>;
  /**
   * Takes or renews the lease on an epoch, unless somebody else has it.
   *
   * @returns whether it is ours now
   */
  lease(
    epoch: string,
    holder: string,
    now: number,
    ms: number,
  ): Promise<boolean>;
  close(): void;
}

/**
 * Opens the database. Changes made in the same moment are one transaction, and
 * transactions happen in the order they were asked for.
 *
 * @param onFailure called when a transaction fails, for example for want of space
 * @throws DOMException when there is no database to be had
 */
export async function openEventStore(
  factory: IDBFactory,
  name: string,
  onFailure: (error: unknown) => void,
): Promise<EventStore> {
  const opening = factory.open(name, 1);
  opening.onupgradeneeded = () => {
    const { result } = opening;
    result.createObjectStore(EVENTS, { keyPath: ['epoch', 'sequence'] });
    result.createObjectStore(LEASES, { keyPath: 'epoch' });
  };
  const database = await resultOf(opening);
  // Another version of this page may want to change the database.
  database.onversionchange = () => database.close();

  let changes: Change[] = [];
  let writing: Promise<boolean> | undefined;

  const write = async (): Promise<boolean> => {
    await Promise.resolve();
    const group = changes;
    changes = [];
    writing = undefined;
    try {
      const transaction = database.transaction(EVENTS, 'readwrite');
      const events = transaction.objectStore(EVENTS);
      for (const change of group) {
        if ('put' in change) {
          events.put(change.put);
        } else {
          events.delete(change.remove);
        }
      }
      await completionOf(transaction);
      return true;
    } catch (error) {
      onFailure(error);
      return false;
    }
  };
  const change = (...more: Change[]): Promise<boolean> => {
    changes.push(...more);
    writing ??= write();
    return writing;
  };

  return {
    put: ({ id, epoch, sequence, json, bytes }) =>
      change({ put: { id, epoch, sequence, json, bytes } }),

    remove(keys) {
      if (keys.length > 0) {
        void change(...keys.map(key => ({ remove: key })));
      }
    },

    async epochs() {
      const events = database.transaction(EVENTS).objectStore(EVENTS);
      const found: string[] = [];
      // One step per epoch, not per event: the next key behind all its numbers.
      let range: IDBKeyRange | undefined;
      for (;;) {
        const cursor = await resultOf(events.openKeyCursor(range));
        if (!cursor) {
          return found;
        }
        const [epoch] = cursor.key as Key;
        found.push(epoch);
        range = IDBKeyRange.lowerBound([epoch, Infinity], true);
      }
    },

    read: epoch =>
      resultOf(
        database
          .transaction(EVENTS)
          .objectStore(EVENTS)
          .getAll(IDBKeyRange.bound([epoch, 0], [epoch, Infinity])),
      ),

    async lease(epoch, holder, now, ms) {
      const transaction = database.transaction(LEASES, 'readwrite');
      const leases = transaction.objectStore(LEASES);
      const known: { holder: string; until: number } | undefined =
        await resultOf(leases.get(epoch));
      const isFree =
        !known ||
        known.holder === holder ||
        known.until < now ||
        // A clock that was set back must not keep events for ever.
        known.until > now + ms;
      if (isFree) {
        leases.put({ epoch, holder, until: now + ms });
      }
      await completionOf(transaction);
      return isFree;
    },

    close: () => database.close(),
  };
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function completionOf(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
}

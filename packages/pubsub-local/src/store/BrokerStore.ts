import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type RootDatabase, open } from 'lmdb';
import { type Clock } from '../clock';
import { BrokerError, messageOf } from '../errors';
import { checkStoreFile } from './checkStoreFile';
import { lockDirectory } from './directoryLock';
import { decodeReference } from './references';
import { syncPath } from './syncPath';
import {
  type StoreIdentity,
  type Tables,
  createWriter,
  initialise,
  openTables,
} from './tables';
import {
  type BacklogReference,
  type Envelope,
  type LoadedStore,
  type StoreWriter,
} from './types';

const MAP_BYTES = 64 * 2 ** 30;
const MAX_COMMIT_BYTES = 64 * 2 ** 20;
const STALL_STEP_MS = 5_000;
const STALL_STEPS = 12;

/**
 * The durable half of the broker, on LMDB.
 *
 * Guarantees:
 * - `write` resolves after its changes are on the disk, in one transaction:
 *   all of them or none. `overlappingSync` is off, so LMDB commits in its
 *   classic order: data pages, fdatasync, then the meta page through an O_DSYNC
 *   descriptor. lmdb-js settles the promise after that last write. (With
 *   overlappingSync on, a commit becomes visible before it is flushed; it is
 *   not faster here, because this store keeps one commit in flight anyway.)
 * - Writes commit in the order of their calls. Those that arrive while a commit
 *   is in flight form the next one (group commit), so that the price of a flush
 *   is shared by all publishers that wait.
 * - The first failed or stalled commit closes the store for good and calls
 *   `onFatal`: after a failed fsync the kernel may have dropped the pages, and
 *   a retry would report a success that is none.
 * - A body that does not match its checksum is reported, never returned.
 * - A file whose structure is damaged is refused at the start, by page.
 *
 * Layout: a body is stored once, raw, under its sequence; beside it its
 * envelope; and one small reference for each holder (a subscription, a snapshot
 * or the log of a topic). Reference counts are not stored: the references are
 * the truth, and the start counts them.
 */
export class BrokerStore {
  /** Random name of this store; ack ids carry it. */
  readonly storeId: string;
  /** How often the store has been opened, this time included. */
  readonly epoch: number;
  readonly #dataDir: string;
  readonly #clock: Clock;
  readonly #onFatal: (error: BrokerError) => void;
  readonly #unlock: () => Promise<void>;
  readonly #root: RootDatabase<Buffer, string>;
  readonly #tables: Tables;
  #queue: QueuedWrite[] = [];
  #queuedBytes = 0;
  #committing: Promise<void> | undefined;
  #failure: BrokerError | undefined;

  /**
   * Opens or creates the store in `dataDir`.
   *
   * @throws BrokerError `data_dir_unusable`, `data_dir_locked`,
   *   `data_dir_corrupt` or `data_dir_unsupported`
   */
  static open(options: StoreOptions): BrokerStore {
    const { dataDir } = options;
    prepareDirectory(dataDir);
    const unlock = guard(dataDir, () => lockDirectory(dataDir));
    const path = join(dataDir, 'store');
    try {
      checkStoreFile(join(path, 'data.mdb'));
      const root = guard(dataDir, () =>
        open<Buffer, string>({
          path,
          encoding: 'binary',
          overlappingSync: false,
          // Address space only; the file grows with what is stored.
          mapSize: MAP_BYTES,
        }),
      );
      const tables = guard(dataDir, () => openTables(root));
      const identity = guard(dataDir, () => initialise(tables, dataDir));
      syncPath(path);
      syncPath(dataDir);
      syncPath(dirname(dataDir));
      return new BrokerStore(options, { unlock, root, tables, identity });
    } catch (error) {
      unlock().catch(() => {});
      throw error;
    }
  }

  private constructor(
    options: StoreOptions,
    opened: {
      unlock: () => Promise<void>;
      root: RootDatabase<Buffer, string>;
      tables: Tables;
      identity: StoreIdentity;
    },
  ) {
    this.#dataDir = options.dataDir;
    this.#clock = options.clock;
    this.#onFatal = options.onFatal;
    this.#unlock = opened.unlock;
    this.#root = opened.root;
    this.#tables = opened.tables;
    this.storeId = opened.identity.storeId;
    this.epoch = opened.identity.epoch;
  }

  /** Bytes of bodies that wait for a commit. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** @throws BrokerError `data_dir_corrupt` for a record that cannot be read */
  load(): LoadedStore {
    const { topics, subscriptions, snapshots, counters } = this.#tables;
    const { references, envelopes } = this.#tables;
    try {
      return {
        nextSequence: counters.get('nextSequence') ?? 1,
        nextHolderId: counters.get('nextSubscriptionId') ?? 1,
        topics: [...topics.getRange().map(({ value }) => value)],
        subscriptions: [...subscriptions.getRange().map(({ value }) => value)],
        snapshots: [...snapshots.getRange().map(({ value }) => value)],
        references: references.getRange().map(decodeReference),
        sequences: envelopes.getKeys(),
      };
    } catch (error) {
      throw new BrokerError(
        'data_dir_corrupt',
        `${
          this.#dataDir
        } holds a topic, subscription or snapshot that cannot be read (${messageOf(
          error,
        )}); restore the directory from a backup, or move it away to start with an empty broker`,
        { cause: error },
      );
    }
  }

  /** Durable references of one holder, ascending; what is queued is not seen. */
  referencesOf(holderId: number): Iterable<BacklogReference> {
    return this.#tables.references
      .getRange({ start: [holderId, 0], end: [holderId + 1, 0] })
      .map(decodeReference);
  }

  /** Resolves when everything that was written before is durable. */
  barrier(): Promise<void> {
    return this.write(() => {});
  }

  /**
   * Makes the changes of `apply` durable, in one transaction.
   *
   * @param apply called later, once, when its commit is put together
   * @param bytes how much memory the changes hold until then
   */
  write(apply: (writer: StoreWriter) => void, bytes = 0): Promise<void> {
    if (this.#failure) {
      return Promise.reject(this.#failure);
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ apply, bytes, resolve, reject });
      this.#queuedBytes += bytes;
      this.#committing ??= this.#commitQueue();
    });
  }

  /** Envelope and body of a message, `undefined` when either is damaged. */
  readMessage(
    sequence: number,
  ): { envelope: Envelope; body: Buffer } | undefined {
    const envelope = this.readEnvelope(sequence);
    if (!envelope) {
      return undefined;
    }
    const body =
      envelope.bytes === 0
        ? Buffer.alloc(0)
        : this.#tables.bodies.get(sequence);
    if (
      !body ||
      body.length !== envelope.bytes ||
      crc32(body) !== envelope.crc32
    ) {
      return undefined;
    }
    return { envelope, body };
  }

  /** Envelope of a message, `undefined` when it is damaged or not there. */
  readEnvelope(sequence: number): Envelope | undefined {
    try {
      return this.#tables.envelopes.get(sequence);
    } catch {
      return undefined;
    }
  }

  /** Commits what is queued, then gives the directory up. */
  async close(): Promise<void> {
    await this.#committing;
    this.#failure ??= new BrokerError('store_closed', 'The store is closed');
    await this.#root.close();
    await this.#unlock();
  }

  async #commitQueue(): Promise<void> {
    // One turn of the event loop, so that calls that arrived together share
    // the first commit too.
    await new Promise(resolve => setImmediate(resolve));
    while (this.#queue.length > 0 && !this.#failure) {
      const group = this.#takeGroup();
      const cancelWatch = this.#watchForStall(group);
      try {
        await this.#commit(group);
        group.forEach(({ resolve }) => resolve());
      } catch (error) {
        this.#fail(await commitFailure(error), group);
      } finally {
        cancelWatch();
      }
    }
    this.#committing = undefined;
  }

  /**
   * Fails the store when a commit does not end. Time is counted in steps, so
   * that a process that was stopped for an hour does not count that hour.
   */
  #watchForStall(group: QueuedWrite[]): () => void {
    let stepsLeft = STALL_STEPS;
    let cancel = () => {};
    const watch = () => {
      cancel = this.#clock.schedule(STALL_STEP_MS, () => {
        if (--stepsLeft > 0) {
          watch();
          return;
        }
        const error = new BrokerError(
          'commit_stalled',
          `A commit has not finished within ${
            (STALL_STEPS * STALL_STEP_MS) / 1000
          } s`,
        );
        this.#fail(error, group);
      });
    };
    watch();
    return () => cancel();
  }

  #takeGroup(): QueuedWrite[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#queue.length && bytes < MAX_COMMIT_BYTES) {
      bytes += this.#queue[count++].bytes;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  /** lmdb-js puts all writes of one turn of the event loop in one transaction. */
  #commit(group: QueuedWrite[]): Promise<unknown> {
    const commits = new Set<Promise<unknown>>();
    const writer = createWriter(this.#tables, commit => commits.add(commit));
    group.forEach(({ apply }) => apply(writer));
    return Promise.all(commits);
  }

  #fail(error: BrokerError, group: QueuedWrite[]): void {
    const isFirst = !this.#failure;
    this.#failure ??= error;
    [...group, ...this.#queue.splice(0)].forEach(({ reject }) => reject(error));
    this.#queuedBytes = 0;
    if (isFirst) {
      this.#onFatal(error);
    }
  }
}

export interface StoreOptions {
  dataDir: string;
  clock: Clock;
  /** Called once, when a commit failed or stalled; the process should end. */
  onFatal: (error: BrokerError) => void;
}

interface QueuedWrite {
  apply: (writer: StoreWriter) => void;
  bytes: number;
  resolve: () => void;
  reject: (error: BrokerError) => void;
}

/** @throws BrokerError `data_dir_unusable` */
export function prepareDirectory(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true });
    mkdirSync(join(dataDir, 'lock'), { recursive: true });
    mkdirSync(join(dataDir, 'store'), { recursive: true });
  } catch (error) {
    throw unusable(dataDir, error);
  }
}

function guard<T>(dataDir: string, task: () => T): T {
  try {
    return task();
  } catch (error) {
    throw error instanceof BrokerError ? error : unusable(dataDir, error);
  }
}

function unusable(dataDir: string, error: unknown): BrokerError {
  return new BrokerError(
    'data_dir_unusable',
    `The data directory ${dataDir} cannot be used: ${messageOf(error)}`,
    { cause: error },
  );
}

/** lmdb-js rejects first and tells the reason in a promise of its own. */
async function commitFailure(error: unknown): Promise<BrokerError> {
  let cause = error;
  if (typeof error === 'object' && error && 'commitError' in error) {
    cause = await Promise.resolve(error.commitError).catch(
      (reason: unknown) => reason,
    );
  }
  return new BrokerError(
    'commit_failed',
    `A commit failed, nothing more will be accepted: ${messageOf(cause)}`,
    { cause },
  );
}

import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32, zstdCompressSync } from 'node:zlib';
import { TestDatabases } from '@backstage/backend-test-utils';
import { Knex } from 'knex';
import {
  createDuckdb,
  LakeStore,
  LocalLakeStore,
  partitionPath,
  readCountingIdsSql,
} from '@millrace/lake';
import {
  declareBucket,
  heartbeatGateway,
  listIdFiles,
  migrateLedger,
  publishConfigSnapshot,
  recordStagedBatches,
  Tier,
} from '@millrace/ledger';
import {
  Bucket,
  refusedSubscriptionOf,
  refusedTopicOf,
  StoredEvent,
  subscriptionOf,
  topicOf,
} from '@millrace/schema';
import { createReviser, Reviser, ReviserOptions } from '../../revisions';
import { createSealer } from '../createSealer';
import { createIdUpkeep, IdUpkeepOptions } from '../ids';
import { Sealer, SealerOptions } from '../types';

/*
 * A sealer with everything real around it but the gateways: ledger, staged
 * files, lake. Time stands still at half past noon unless a test moves it.
 */

export const NOON = new Date('2026-01-10T12:00:00Z');
export const HALF_PAST = new Date('2026-01-10T12:30:00Z');

/** The one-minute bucket `n` minutes after noon. */
export function bucketAt(n: number): Bucket {
  return { start: new Date(NOON.getTime() + n * 60_000), seconds: 60 };
}

/** An event received in the first second of a bucket. */
export function event(
  id: string,
  data: unknown,
  overrides: Partial<StoredEvent> = {},
): StoredEvent {
  return {
    id,
    source: '/shop',
    receivedAt: '2026-01-10T12:00:00.500Z',
    data,
    ...overrides,
  };
}

/** As a gateway writes it. */
export function toLine(stored: StoredEvent): string {
  return `${JSON.stringify({
    id: stored.id,
    source: stored.source,
    time: stored.time ?? null,
    receivedAt: stored.receivedAt,
    producer: stored.producer ?? null,
    epoch: stored.epoch ?? null,
    sequence: stored.sequence ?? null,
    data: stored.data,
  })}\n`;
}

export interface StageOptions {
  events: StoredEvent[];
  eventType?: string;
  bucket?: Bucket;
  batch?: number;
  gateway?: string;
  schemaVersion?: number;
  /** What the gateway claims, if it is not the truth. */
  declaredEvents?: number;
  /** When the consumer recorded it. */
  now?: Date;
  /** Instead of the NDJSON of the events. */
  content?: Buffer;
}

export class Workshop {
  now = HALF_PAST;
  readonly logs: string[] = [];
  readonly #sealers: { close(): Promise<void> }[] = [];
  #files = 0;

  constructor(
    readonly db: Knex,
    readonly folder: string,
    public store: LocalLakeStore,
  ) {}

  async provision(
    types: Record<string, { schema: unknown; version?: number; tier?: Tier }>,
  ): Promise<void> {
    await publishConfigSnapshot(this.db, {
      bucketSeconds: 60,
      now: NOON,
      writeKeys: [],
      eventTypes: Object.entries(types).map(([name, type]) => ({
        name,
        tier: type.tier ?? 'normal',
        version: type.version ?? 1,
        schema: type.schema,
        topic: topicOf(name),
        subscription: subscriptionOf(name),
        refusedTopic: refusedTopicOf(name),
        refusedSubscription: refusedSubscriptionOf(name),
      })),
    });
  }

  /** Says that a gateway lives from noon to the given instant. */
  async gateway(name: string, until: Date): Promise<void> {
    await heartbeatGateway(this.db, {
      gateway: name,
      epoch: '1',
      startedAt: NOON,
      url: 'http://127.0.0.1:7008',
      pid: 1,
      now: NOON,
      leaseMs: until.getTime() - NOON.getTime(),
    });
  }

  /** One batch in a staged file of its own, recorded. */
  async stage(options: StageOptions): Promise<string> {
    const { events, eventType = 'shop.order', bucket = bucketAt(0) } = options;
    const folder = path.join(this.folder, 'staging', eventType);
    await mkdir(folder, { recursive: true });
    this.#files += 1;
    const file = path.join(folder, `${this.#files}.ndjson.zst`);
    const text = Buffer.from(events.map(toLine).join(''));
    const content = options.content ?? zstdCompressSync(text);
    await writeFile(file, content);
    await recordStagedBatches(this.db, {
      now: options.now ?? bucket.start,
      batches: [
        {
          header: {
            gateway: options.gateway ?? 'g',
            epoch: '1',
            eventType,
            schemaVersion: options.schemaVersion ?? 1,
            bucket,
            batch: options.batch ?? 1,
            events: options.declaredEvents ?? events.length,
            bytes: Math.max(1, text.length),
            crc: crc32(text),
          },
          stagedFile: file,
          offsetBytes: 0,
          lengthBytes: content.length,
          publishedAt: bucket.start,
          messageId: String(this.#files),
        },
      ],
    });
    return file;
  }

  /** Says that a gateway has published so many batches, and no more. */
  async declare(
    bucket: Bucket,
    batches: Record<string, number> = {},
    gateway: string = 'g',
    /** In all batches of a type together. Default: one in each. */
    events?: number,
    abandonedBatches: number[] = [],
  ): Promise<void> {
    await declareBucket(this.db, {
      gateway,
      epoch: '1',
      bucket,
      counts: Object.entries(batches).map(([eventType, lastBatch]) => ({
        eventType,
        lastBatch,
        abandonedBatches,
        events: events ?? lastBatch,
      })),
    });
  }

  sealer(
    overrides: Partial<SealerOptions> & { store?: LakeStore } = {},
  ): Sealer {
    const log = (message: string) => {
      this.logs.push(message);
    };
    const workerId = overrides.workerId ?? 'w';
    const sealer = createSealer({
      ledger: this.db,
      store: this.store,
      workerId,
      tempDirectory: path.join(this.folder, `sealer-${workerId}`),
      backlog: async () => undefined,
      logger: { info: log, warn: log, error: log },
      clock: () => this.now,
      graceMs: 0,
      memoryLimit: '256MB',
      ...overrides,
    });
    this.#sealers.push(sealer);
    return sealer;
  }

  /** Merges two files of a level into one, and removes at once what it can. */
  idUpkeep(overrides: Partial<IdUpkeepOptions> = {}): () => Promise<void> {
    const log = (message: string) => {
      this.logs.push(message);
    };
    return createIdUpkeep({
      ledger: this.db,
      store: this.store,
      workerId: 'w',
      tempDirectory: path.join(this.folder, 'ids-w'),
      logger: { info: log, warn: log },
      fanIn: 2,
      retiredForMs: 0,
      ...overrides,
    });
  }

  /** For each id in a file that counts, the number of its bucket. */
  async idsThatCount(eventType: string = 'shop.order'): Promise<number[]> {
    const { files } = await listIdFiles(this.db, { eventType });
    if (files.length === 0) {
      return [];
    }
    const duckdb = await createDuckdb({ memoryLimit: '256MB', threads: 1 });
    try {
      const local = await Promise.all(
        files.map(async file => ({
          path: await this.store.localPath(file.path),
          withoutBuckets: file.withoutBuckets,
        })),
      );
      const rows = await duckdb.rows(
        `SELECT bucket_start, count(*) OVER (
           PARTITION BY event_key, content_hash) AS copies
         FROM ${readCountingIdsSql(local)}`,
      );
      const told = files.reduce((sum, file) => sum + file.rows, 0);
      if (rows.length !== told) {
        throw new Error(`${rows.length} ids count, the ledger says ${told}`);
      }
      if (rows.some(({ copies }) => copies !== 1)) {
        throw new Error('An id is in the files more than once');
      }
      return rows.map(
        row => (Date.parse(String(row.bucket_start)) - NOON.getTime()) / 60_000,
      );
    } finally {
      duckdb.close();
    }
  }

  pathOf(n: number, eventType: string = 'shop.order', revision = 1): string {
    return partitionPath(eventType, bucketAt(n), revision);
  }

  /** Makes partitions again that somebody asks for. */
  reviser(overrides: Partial<ReviserOptions> = {}): Reviser {
    const log = (message: string) => {
      this.logs.push(message);
    };
    const workerId = overrides.workerId ?? 'w';
    const reviser = createReviser({
      ledger: this.db,
      store: this.store,
      workerId,
      tempDirectory: path.join(this.folder, `reviser-${workerId}`),
      logger: { info: log, warn: log, error: log },
      clock: () => this.now,
      memoryLimit: '256MB',
      ...overrides,
    });
    this.#sealers.push(reviser);
    return reviser;
  }

  /** What the staging folder still holds of a type. */
  stagingFolder(eventType: string = 'shop.order'): string {
    return path.join(this.folder, 'staging', eventType);
  }

  /** Back to the empty workshop a test begins with. */
  async reset(): Promise<void> {
    await this.close();
    this.now = HALF_PAST;
    const { rows } = await this.db.raw<{ rows: { name: string }[] }>(
      `SELECT quote_ident(tablename) AS name FROM pg_tables
       WHERE schemaname = current_schema()
         AND tablename NOT LIKE '%migrations%' AND tablename <> 'ledger_lineage'`,
    );
    await this.db.raw(`TRUNCATE ${rows.map(({ name }) => name).join(', ')}`);
    for (const folder of ['staging', 'lake']) {
      await rm(path.join(this.folder, folder), {
        recursive: true,
        force: true,
      });
    }
    this.store = await LocalLakeStore.open({
      root: path.join(this.folder, 'lake'),
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#sealers.splice(0).map(sealer => sealer.close()));
  }
}

/** A workshop per test: empty tables, an empty folder. */
export function useWorkshop(): () => Workshop {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  let db: Knex;
  let workshop: Workshop;
  beforeAll(async () => {
    db = await databases.init('POSTGRES_18');
    await migrateLedger(db);
  });
  beforeEach(async () => {
    const folder = await realpath(
      await mkdtemp(path.join(tmpdir(), 'sealer-')),
    );
    workshop = new Workshop(
      db,
      folder,
      await LocalLakeStore.open({ root: path.join(folder, 'lake') }),
    );
    await workshop.reset();
  });
  afterEach(async () => {
    await workshop.close();
    await rm(workshop.folder, { recursive: true, force: true });
  });
  return () => workshop;
}

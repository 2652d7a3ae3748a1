import { Knex } from 'knex';
import { LakeStore } from '@millrace/lake';
import { Tier } from '@millrace/ledger';
import { Bucket } from '@millrace/schema';
import { Clock } from '../clock';
import { Logger } from '../logger';
import { BacklogProbe, BlockedReason, ClosingDecision } from './closing';
import { BucketStep } from './sealing/sealBucket';
import { ShardStep } from './sealing/sealShard';

export interface SealerOptions {
  ledger: Knex;
  store: LakeStore;
  /** Of this worker alone; a restarted worker takes over its own leases. */
  workerId: string;
  /** A folder of this sealer alone. Emptied when the sealer is created. */
  tempDirectory: string;
  /** Asked only about buckets in which a gateway died. */
  backlog: BacklogProbe;
  logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  clock?: Clock;
  /** How long after its end a bucket is looked at. Default 500 ms. */
  graceMs?: number;
  /**
   * What DuckDB may take before it spills to disk. Default `1GB`. Readers of
   * staged files do not spill: up to `threads + concurrency - 1` of them hold
   * 40 MiB each, 55 MiB with the largest events.
   */
  memoryLimit?: string;
  /**
   * Uncompressed bytes of events that are sealed at a time; a larger bucket is
   * sealed in shards. Default 512 MiB.
   */
  shardBytes?: number;
  /**
   * A folder that all workers see, in which the shards of a large bucket are
   * offered to those that have time. Default: a sealer does its shards itself.
   */
  sharedFolder?: string;
  /** DuckDB's threads. Default 2. */
  threads?: number;
  /**
   * Event types sealed at the same time. DuckDB is shared by them; the gain is
   * in not waiting for the ledger and the disk. Default 4.
   */
  concurrency?: number;
  /**
   * How long a type stays with this sealer if it stalls. Renewed while it works.
   * Default 60 s.
   */
  leaseMs?: number;
  /** Buckets looked at in one run. Default 5,000. */
  limit?: number;
  /**
   * After so long no further event type has its turn before the sealer looks
   * again for what is due: a critical bucket never waits for all that was due
   * before it. Default 5 s.
   */
  maxTurnsMs?: number;
  /**
   * The lateness each tier promises, in ms, by which waiting buckets grow old.
   * Default: those for the length of the buckets.
   */
  objectivesMs?: Record<Tier, number>;
  /** For tests: throws to end a sealing after a step. */
  onStep?: (
    step: BucketStep,
    eventType: string,
    bucket: Bucket,
  ) => void | Promise<void>;
  /** For tests: throws to end helping after a step. */
  onHelpStep?: (step: ShardStep) => void | Promise<void>;
}

/** A bucket that is due and cannot be closed yet. */
export interface BlockedBucket {
  eventType: string;
  bucket: Bucket;
  reasons: BlockedReason[];
  /** The whole decision, with its inputs. */
  decision: ClosingDecision;
}

export interface SealerRun {
  /** Buckets sealed. */
  sealed: number;
  /** Buckets that are due but must wait for events. */
  blocked: number;
  /** Buckets that could not be sealed; tried again later, and logged. */
  failed: number;
  blockedBuckets: BlockedBucket[];
}

export interface Sealer {
  /** Seals whatever is due. Runs do not overlap: a second call joins the first. */
  runOnce(): Promise<SealerRun>;
  /**
   * Works on shards of large buckets that other sealers offer, until none is
   * left. Runs do not overlap.
   *
   * @returns how many it has done
   */
  helpOnce(): Promise<number>;
  /**
   * Begins no further bucket, waits for those in hand and lets go of DuckDB.
   * What is left the next sealer finds.
   */
  close(): Promise<void>;
}

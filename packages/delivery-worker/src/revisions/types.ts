import { DuckdbSession, LakeStore } from '@millrace/lake';
import { RevisionStep } from '@millrace/ledger';
import { Knex } from 'knex';
import { Clock } from '../clock';
import { Logger } from '../logger';
import { HeldLease } from './holdLease';
import { ReviserStep } from './steps';

export interface ReviserOptions {
  ledger: Knex;
  store: LakeStore;
  /** Of this worker alone. */
  workerId: string;
  /** A folder of this reviser alone. Emptied when its first run begins. */
  tempDirectory: string;
  logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  clock?: Clock;
  /** What DuckDB may take before it spills to disk. Default `512MB`. */
  memoryLimit?: string;
  /** Uncompressed bytes of events that are sealed at a time. Default 256 MiB. */
  shardBytes?: number;
  /** DuckDB's threads. Default 1. */
  threads?: number;
  /** How long a type stays with this worker if it stalls. Default 60 s. */
  leaseMs?: number;
  /**
   * How often a preview or a run is begun before the operation is given up.
   * Default 5.
   */
  maxAttempts?: number;
  /** For tests: throws to end the work after a step. */
  onStep?: (step: ReviserStep, eventType: string) => void | Promise<void>;
}

export interface ReviserRun {
  /** Operations that were brought to their next state. */
  done: number;
  /** Those that another worker, or the sealing of the type, keeps waiting. */
  waiting: number;
  /** Those that failed for good, or are tried again later. */
  failed: number;
}

export interface Reviser {
  /**
   * Works on the operations that wait, one after the other. Runs do not overlap:
   * a second call joins the first.
   */
  runOnce(): Promise<ReviserRun>;
  /** Ends the work after the revision in hand. Another worker begins it anew. */
  close(): Promise<void>;
}

/** What the work on one operation is given. */
export interface OperationOptions {
  ledger: Knex;
  store: LakeStore;
  operationId: string;
  eventType: string;
  lease: HeldLease;
  openDuckdb(): Promise<DuckdbSession>;
  tempDirectory: string;
  idFolder: string;
  threads: number;
  shardBytes: number;
  maxAttempts: number;
  clock: Clock;
  /**
   * Notes how far the work is.
   *
   * @throws when it is to end: the worker stops, or somebody has cancelled it
   */
  progress(step: RevisionStep, done: number, total: number): Promise<void>;
  onStep(step: ReviserStep, eventType: string): void | Promise<void>;
}

import { Knex } from 'knex';
import { AuditFinding, AuditFindingCode } from '@millrace/ledger';
import { Clock } from '../clock';
import { Logger } from '../logger';

/**
 * What the auditor asks of a lake: reading, and no more. A `LakeStore` is one.
 */
export interface LakeReader {
  /** The whole object. Throws an error with code `not_found`. */
  get(key: string): Promise<Buffer>;
  stat(key: string): Promise<{ bytes: number } | undefined>;
  /** All keys below a folder. */
  list(folder: string): Promise<string[]>;
  /** A file that can be opened in place, of stores that have such. */
  localPath?(key: string): Promise<string>;
  /** The same, or a copy in the folder, of stores that can make one. */
  localCopy?(key: string, folder: string): Promise<string>;
}

/** One revision of a partition, by where it lies. */
export interface RevisionPlace {
  /** Its folder in the lake. */
  path: string;
  eventType: string;
  bucketStart: Date;
  revision: number;
}

/** What one audit of a revision gives. */
export interface RevisionAudit {
  findings: AuditFinding[];
  /** Codes whose checks were carried out. */
  checks: AuditFindingCode[];
  rowsRead: number;
  bytesRead: number;
  /** Of manifest and files, when all of them could be read. */
  contentDigest?: string;
}

/** Called before bytes are read; waits when the auditor reads too fast. */
export type SpendBytes = (bytes: number) => Promise<void>;

export interface AuditorOptions {
  ledger: Knex;
  lake: LakeReader;
  /** Of this worker alone. */
  workerId: string;
  /** A folder of this auditor alone. Emptied when it begins. */
  tempDirectory: string;
  logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  clock?: Clock;
  /**
   * Within which every live partition is audited again. Default 7 days. Longer
   * reads less; shorter finds a damaged disk sooner.
   */
  cycleMs?: number;
  /**
   * What the auditor may read, in bytes a second, so that it never slows
   * delivery. Default 32 MiB.
   */
  readBytesPerSecond?: number;
  /** How many of the partitions right before are looked at for duplicates. Default 2. */
  nearestPeers?: number;
  /** And how many further back in the horizon. Default 1. */
  furtherPeers?: number;
  /** What DuckDB may take before it spills to disk. Default `256MB`. */
  memoryLimit?: string;
  /** Partitions audited under one claim of a share. Default 50. */
  limit?: number;
  leaseMs?: number;
  /** Between 0 and 1. Default `Math.random`. */
  random?: () => number;
}

export interface AuditorRun {
  /** Partitions compared with their files. */
  partitions: number;
  /** Folders searched for what nobody knows. */
  folders: number;
  /** Findings not known before. */
  opened: number;
  resolved: number;
  /** Partitions and folders that could not be audited; tried again later. */
  failed: number;
}

export interface Auditor {
  /** Audits what is due. Runs do not overlap: a second call joins the first. */
  runOnce(): Promise<AuditorRun>;
  /** Breaks off after the partition in hand and lets go of DuckDB. */
  close(): Promise<void>;
}

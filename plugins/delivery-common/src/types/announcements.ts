import type { RevisionKind } from './revisions';

/**
 * The topic of Backstage's events service on which each sealed revision is
 * announced, see {@link PartitionSealed}.
 *
 * @public
 */
export const PARTITION_SEALED_TOPIC = 'partition.sealed';

/**
 * A revision of a partition that readers can see from now on. Published at least
 * once, and those of one event type in the order they were sealed.
 *
 * The metadata of the event has `eventType`, `revision` and `why` as text, for
 * filters; whoever gets it over the event bus of several processes has the
 * payload alone.
 *
 * @public
 */
export interface PartitionSealed {
  eventType: string;
  /** RFC 3339, UTC. */
  bucketStart: string;
  bucketEnd: string;
  revision: number;
  /** The revision that readers saw until now; missing on a first delivery. */
  replacedRevision?: number;
  why: 'sealed' | RevisionKind;
  /** Of a later revision: who made it says why, and the operation. */
  reason?: string;
  operationId?: string;
  /** `accepted = delivered + duplicates + refused`. */
  counts: {
    accepted: number;
    delivered: number;
    duplicates: number;
    refused: number;
    conflicts: number;
    skewed: number;
  };
  bytes: number;
  schemaVersion?: number;
  /** Missing for a partition without files. */
  manifest?: { path: string; sha256: string };
  sealedAt: string;
  /**
   * Its place in the order of commits, a decimal number of any length. One that
   * comes again has the same.
   */
  sequence: string;
}

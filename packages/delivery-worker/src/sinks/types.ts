import { DueSinkLoad } from '@millrace/ledger';

/** What became of a job that was looked at. */
export type JobState =
  | { state: 'running' }
  /** Everything is there, and counted. */
  | { state: 'done'; rows: number };

/**
 * A place into which sealed revisions are loaded, a job each.
 *
 * What makes loading exactly once: `startJob` of the same revision and attempt
 * makes the same job, and making it a second time does nothing. And a job
 * replaces whatever an earlier one has loaded of the bucket.
 */
export interface Sink {
  /** Its name in the ledger. */
  name: string;

  /** The event types it is for. Default: all. */
  eventTypes?: string[];

  /**
   * Does what can be done before a job, such as making the table. May be
   * repeated.
   *
   * @throws SinkError
   */
  prepare(load: DueSinkLoad): Promise<void>;

  /**
   * Makes the job of an attempt, unless it was made before.
   *
   * @throws SinkError: with `sink_unavailable` it may have been made all the
   * same, with every other code this call has not made it
   */
  startJob(load: DueSinkLoad, attempt: number): Promise<void>;

  /**
   * Looks at the job of an attempt; `undefined` when it was not made.
   *
   * @throws SinkError with `sink_unavailable` or `sink_refused` when nothing is
   * known; with another code the job has ended, and failed
   */
  findJob(load: DueSinkLoad, attempt: number): Promise<JobState | undefined>;
}

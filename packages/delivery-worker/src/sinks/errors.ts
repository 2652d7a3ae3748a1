/**
 * The closed list of why a revision is not in a sink yet; they stand in the
 * ledger as `reason`.
 */
export type SinkErrorCode =
  /** BigQuery cannot take the schema, or it contradicts the table's columns. */
  | 'schema_not_loadable'
  /** Its bucket is shorter than the sink's partitions, which are hours. */
  | 'bucket_not_an_hour'
  /** No config snapshot has the event type, so its columns are unknown. */
  | 'schema_unknown'
  /** The sink cannot be reached, or fails. */
  | 'sink_unavailable'
  /** The sink says no: credentials, rights, a data set that is not there. */
  | 'sink_refused'
  /** The job that loads it ended with an error. */
  | 'load_failed'
  /** The sink has another number of rows than was delivered. */
  | 'row_count_differs'
  /** The ledger's lake is one that the sink cannot read from. */
  | 'lake_not_readable';

/** Changing nothing, the next try fails too: somebody has to act. */
const LASTING: SinkErrorCode[] = [
  'schema_not_loadable',
  'bucket_not_an_hour',
  'schema_unknown',
  'lake_not_readable',
];

/**
 * Why a revision could not be loaded. The message holds nothing of the events
 * and nothing of credentials.
 */
export class SinkError extends Error {
  constructor(readonly code: SinkErrorCode, message: string) {
    super(message);
    this.name = 'SinkError';
  }

  get isLasting(): boolean {
    return LASTING.includes(this.code);
  }
}

export {
  createBacklogProbe,
  type BacklogProbe,
  type BacklogProbeOptions,
  type BacklogReading,
  type BlockedReason,
  type BlockedReasonCode,
  type ClosingDecision,
  type ClosingRule,
} from './closing';
export { createSealer } from './createSealer';
export { createIdUpkeep, type IdUpkeepOptions } from './ids';
export { SealerError, type SealerErrorCode } from './errors';
export {
  type BlockedBucket,
  type Sealer,
  type SealerOptions,
  type SealerRun,
} from './types';
export { createShardSweep, shardsFolder } from './shards';

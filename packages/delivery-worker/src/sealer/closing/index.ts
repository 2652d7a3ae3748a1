export { createBacklogProbe, type BacklogProbeOptions } from './backlog';
export { decideClosing, dependsOnBacklog } from './decideClosing';
export {
  type BacklogProbe,
  type BacklogReading,
  type BlockedReason,
  type BlockedReasonCode,
  type ClosingDecision,
  type ClosingQuestion,
  type ClosingRule,
  type ForcedDecision,
} from './types';

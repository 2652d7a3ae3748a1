export { describeBreaks } from './describeBreaks';
export type { Incompatibility } from './describeBreaks';
export { diffSchemas } from './diffSchemas';
export {
  allowsDifferences,
  judgeDifferences,
  judgeSchema,
} from './judgeSchema';
export type { ComparedDifferences, EarlierVersion } from './judgeSchema';
export {
  COMPATIBILITY_MODES,
  DEFAULT_COMPATIBILITY_MODE,
  isLoosening,
} from './modes';
export type { CompatibilityMode } from './modes';
export type {
  CompatibilityVerdict,
  DifferenceCode,
  JudgedDifference,
  RuleCode,
  SchemaDifference,
} from './types';
export { uniteSchemas } from './uniteSchemas';
export { witnessOf } from './witnessOf';

export { compareSchemas } from './compareSchemas';
export type { Incompatibility } from './compareSchemas';
export { diffSchemas } from './diffSchemas';
export { judgeDifferences, judgeSchema } from './judgeSchema';
export type { EarlierVersion } from './judgeSchema';
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

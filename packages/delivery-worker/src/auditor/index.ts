export { createAuditor } from './createAuditor';
export { AuditorError, type AuditorErrorCode } from './errors';
export type { Auditor, AuditorOptions, AuditorRun, LakeReader } from './types';
export {
  verifyLake,
  type LakeVerification,
  type VerifyLakeOptions,
  type VerifyProgress,
} from './verifyLake';

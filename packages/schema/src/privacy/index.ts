export { decideFields } from './decideFields';
export { findPersonalFields } from './findPersonalFields';
export type { PrivacyFinding } from './findPersonalFields';
export { judgePrivacy } from './judgePrivacy';
export type { PrivacyProblem } from './judgePrivacy';
export { keepAnnotations } from './keepAnnotations';
export type { PrivacyConfidence } from './nameRules';
export { isSemanticType, SEMANTIC_TYPES } from './semanticTypes';
export type { SemanticType, SemanticTypeInfo } from './semanticTypes';

export {
  detailsOf,
  readEntityHead,
  SPEC_PROPERTIES,
  unknownSpecProperties,
} from './entityHead';
export type { DeclarationDetails, EntityHead } from './entityHead';
export {
  MAX_DESCRIPTION_LENGTH,
  MAX_EVENTS_PER_DAY,
  MAX_TAGS,
  ruleDescription,
  ruleEventsPerDay,
  ruleName,
  ruleOwner,
  ruleRetention,
  ruleSystem,
  ruleTags,
  ruleTier,
} from './rules';
export type {
  DeclarationRuleCode,
  DeclarationRuleProblem,
  Ruled,
} from './rules';
export { sourcePointer } from './sourcePointer';

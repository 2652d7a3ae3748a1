export { ConditionsCard } from './ConditionsCard';
export { ConditionsList } from './ConditionsList';

export { createTierLimit, type TierLimit } from './tierLimit';
export { TierQueue, TURNS_PER_AGED, type Urgency } from './tierQueue';

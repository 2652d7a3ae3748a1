export { accountEvents } from './accountEvents';
export type { AccountEventsOptions, KeySums } from './accountEvents';

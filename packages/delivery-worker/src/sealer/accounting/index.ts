export { accountShard, writeBooks } from './accountEvents';
export type { KeySums, ShardAccounts } from './accountEvents';
export { originsOf, writeOriginRuns } from './origins';
export type { Origins } from './origins';

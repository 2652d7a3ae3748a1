export { accountShard, writeBooks } from './accountEvents';
export type { KeySums, ShardAccounts } from './accountEvents';

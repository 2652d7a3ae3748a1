export { BucketBook } from './bucketBook';
export type { Declaration } from './bucketBook';
export { Declarer } from './declarer';
export { createGatewayLedger } from './gatewayLedger';
export type { GatewayIdentity, GatewayLedger } from './gatewayLedger';
export { startLoop } from './loop';
export type { Loop } from './loop';

export { GatewayPool } from './gatewayPool';
export type { PooledGateway } from './gatewayPool';

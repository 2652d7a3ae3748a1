export { createGatewayMetrics, NO_EVENT_TYPE } from './gatewayMetrics';
export type { GatewayGauges, GatewayMetrics } from './gatewayMetrics';

export { type BrokerOptions, type RunningBroker, startBroker } from './broker';
export { BrokerError, type BrokerErrorCode, brokerErrorCodes } from './errors';
export type { BrokerLogger } from './logger';

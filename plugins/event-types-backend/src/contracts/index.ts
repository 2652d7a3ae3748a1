export { Contracts } from './Contracts';
export { createContractRouter } from './createContractRouter';
export { readDeliveryFactsFromConfig } from './deliveryFacts';

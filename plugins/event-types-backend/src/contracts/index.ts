export { Contracts } from './Contracts';
export { ContractReader } from './reading/ContractReader';
export { createContractRouter } from './createContractRouter';
export { readDeliveryFactsFromConfig } from './deliveryFacts';

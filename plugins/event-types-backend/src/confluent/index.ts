export { SchemaNumbers } from './SchemaNumbers';
export { SchemaRegistry } from './SchemaRegistry';
export { backwardTransitive } from './compatibility';
export { readNewSubjectRulesFromConfig } from './config';
export { REGISTRY_PATH, createRegistryRouter } from './createRegistryRouter';

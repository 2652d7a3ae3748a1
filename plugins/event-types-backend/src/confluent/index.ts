export { SchemaNumbers } from './SchemaNumbers';
export { SchemaRegistry } from './SchemaRegistry';
export { readNewSubjectRulesFromConfig } from './config';
export { REGISTRY_PATH, createRegistryRouter } from './createRegistryRouter';

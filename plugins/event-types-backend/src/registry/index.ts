export { AuthorizedEventTypeRegistry } from './AuthorizedEventTypeRegistry';
export { DefaultEventTypeRegistry } from './DefaultEventTypeRegistry';
export type {
  EventTypeRegistry,
  ParsedDeclaration,
  RegistryOptions,
  WriteOutcome,
} from './types';
export {
  type Parsed,
  parseAvroSchema,
  parseDescription,
  parseName,
  parseOwner,
  parseSchema,
  parseTier,
} from './parseParts';

export { parseEventSchema } from './parseEventSchema';
export { MAX_SCHEMA_DEPTH, MAX_SCHEMA_FIELDS } from './types';
export type {
  AvroArray,
  AvroEnum,
  AvroField,
  AvroLogical,
  AvroMap,
  AvroOptional,
  AvroPrimitive,
  AvroRecord,
  AvroType,
  EventSchema,
} from './types';

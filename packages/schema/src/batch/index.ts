export {
  encodeBatchAttributes,
  encodeRefusedAttributes,
  parseBatchAttributes,
  parseRefusedAttributes,
} from './attributes';
export type {
  BatchHeader,
  RefusedBatchHeader,
  RefusedEvent,
  StoredEvent,
} from './types';

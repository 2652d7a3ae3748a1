export { CompletenessReader } from './CompletenessReader';
export { parseProducerCursor } from './producerCursor';
export { LedgerReader } from './LedgerReader';

export { CompletenessReader } from './CompletenessReader';
export { parseProducerCursor } from './producerCursor';

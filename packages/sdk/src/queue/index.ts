export { Life, MAX_SEQUENCE } from './life';
export { dropsOf, MemoryQueue } from './memoryQueue';
export type { MemoryQueueOptions, Mirror } from './memoryQueue';
export type {
  AppendListener,
  EncodedEvent,
  EventQueue,
  QueuedEvent,
  QueueListener,
  TakenEvent,
} from './types';

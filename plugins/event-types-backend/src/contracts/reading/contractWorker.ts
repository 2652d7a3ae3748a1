import type { Worker } from 'node:worker_threads';
import type { EventType } from '@millrace/plugin-event-types-common';
import { serveThread, startThread } from '../../threads';
import type { DeliveryFacts } from '../deliveryFacts';
import { type ReadContract, readContract } from './readContract';

/** What the worker is asked: all of it plain JSON. */
export interface ContractQuestion {
  text: string;
  eventType: EventType;
  facts: DeliveryFacts;
}

const ROLE = 'millrace-contract-worker';

/** Starts a thread that reads contracts. */
export function startContractWorker(limits: { maxHeapMb: number }): Worker {
  return startThread(__filename, { role: ROLE, maxHeapMb: limits.maxHeapMb });
}

serveThread<ContractQuestion, ReadContract>(
  ROLE,
  ({ text, eventType, facts }) => readContract(text, eventType, facts),
);

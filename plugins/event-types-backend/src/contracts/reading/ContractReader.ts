import type { Worker } from 'node:worker_threads';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { ServiceUnavailableError } from '@backstage/errors';
import { finding } from '../findings';
import {
  type ContractMessage,
  type ContractQuestion,
  startContractWorker,
} from './contractWorker';
import type { ReadContract } from './readContract';

/** Bounds of reading. */
export interface ReaderLimits {
  /** From the start of the work to its answer. */
  timeoutMs: number;
  maxHeapMb: number;
  /** Contracts that wait for the worker. */
  maxWaiting: number;
}

const DEFAULT_LIMITS: ReaderLimits = {
  // A contract of 2,000 fields takes a second or two on a slow machine.
  timeoutMs: 10_000,
  maxHeapMb: 512,
  maxWaiting: 8,
};

/**
 * Reads contracts in one worker thread, one after the other: a megabyte of YAML
 * that is made for it keeps a reader busy for half a minute, and the event loop
 * of the portal has to go on.
 *
 * A contract that takes too long or too much memory is refused with
 * `too_complex` and costs its worker; those that wait go to the next one. The
 * worker starts with the first contract and never keeps the process alive.
 */
export class ContractReader {
  readonly #limits: ReaderLimits;
  readonly #logger: LoggerService;
  #worker: Worker | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #isStopped = false;

  constructor(options: {
    logger: LoggerService;
    limits?: Partial<ReaderLimits>;
  }) {
    this.#logger = options.logger;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  /** @throws ServiceUnavailableError when too many wait already */
  async read(question: ContractQuestion): Promise<ReadContract> {
    if (this.#isStopped || this.#waiting >= this.#limits.maxWaiting) {
      throw new ServiceUnavailableError(
        'Too many contracts are being read; try again in a moment',
      );
    }
    this.#waiting += 1;
    const answer = this.#tail.then(() => this.#ask(question));
    this.#tail = answer.catch(() => {});
    try {
      return await answer;
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Gives up on what is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#worker?.terminate();
  }

  async #ask(question: ContractQuestion): Promise<ReadContract> {
    if (this.#isStopped) {
      throw new ServiceUnavailableError('The portal is stopping');
    }
    const worker = this.#worker ?? (await this.#start());
    const next = nextOf(worker);
    worker.postMessage(question);
    const timer = new AbortController();
    const timeout = new Promise<'timeout'>(resolve => {
      const handle = setTimeout(
        () => resolve('timeout'),
        this.#limits.timeoutMs,
      );
      timer.signal.addEventListener('abort', () => clearTimeout(handle));
    });
    const outcome = await Promise.race([next, timeout]);
    timer.abort();
    if (outcome !== 'timeout' && outcome.kind === 'answer') {
      return outcome.answer;
    }
    if (outcome !== 'timeout' && outcome.kind === 'failure') {
      throw new Error(outcome.message);
    }
    this.#worker = undefined;
    await worker.terminate();
    if (this.#isStopped) {
      throw new ServiceUnavailableError('The portal is stopping');
    }
    this.#logger.warn(
      'A contract was refused as too complex: it took too long or too much memory to read',
    );
    return {
      findings: [
        finding(
          'too_complex',
          '',
          'The contract takes too long or too much memory to read; write it plainer, or leave parts out',
        ),
      ],
      serviceLevels: [],
    };
  }

  async #start(): Promise<Worker> {
    const worker = startContractWorker(this.#limits);
    worker.unref();
    this.#worker = worker;
    // One that ends while nobody asks is replaced at the next question.
    worker.on('error', () => {});
    worker.on('exit', () => {
      if (this.#worker === worker) {
        this.#worker = undefined;
      }
    });
    const first = await nextOf(worker);
    if (first.kind !== 'ready') {
      this.#worker = undefined;
      throw new Error('The reader of contracts does not start');
    }
    return worker;
  }
}

/** The next thing a worker says, or that it ended. */
async function nextOf(
  worker: Worker,
): Promise<ContractMessage | { kind: 'ended' }> {
  return await new Promise(resolve => {
    function settle(outcome: ContractMessage | { kind: 'ended' }) {
      worker.off('message', settle);
      worker.off('error', ended);
      worker.off('exit', ended);
      resolve(outcome);
    }
    function ended() {
      settle({ kind: 'ended' });
    }
    worker.on('message', settle);
    worker.on('error', ended);
    worker.on('exit', ended);
  });
}

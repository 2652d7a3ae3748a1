import type { LoggerService } from '@backstage/backend-plugin-api';
import { AskedWorker, type WorkerLimits } from '../../threads';
import { finding } from '../findings';
import { type ContractQuestion, startContractWorker } from './contractWorker';
import type { ReadContract } from './readContract';

const DEFAULT_LIMITS: WorkerLimits = {
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
 * `too_complex`; see {@link AskedWorker} for what becomes of the others.
 */
export class ContractReader {
  readonly #worker: AskedWorker<ContractQuestion, ReadContract>;

  constructor(options: {
    logger: LoggerService;
    limits?: Partial<WorkerLimits>;
  }) {
    this.#worker = new AskedWorker({
      start: startContractWorker,
      givenUp: () => ({
        findings: [
          finding(
            'too_complex',
            '',
            'The contract takes too long or too much memory to read; write it plainer, or leave parts out',
          ),
        ],
        serviceLevels: [],
      }),
      what: 'contract',
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      logger: options.logger,
    });
  }

  /** @throws ServiceUnavailableError when too many wait already */
  async read(question: ContractQuestion): Promise<ReadContract> {
    return await this.#worker.ask(question);
  }

  /** Gives up on what is under way. */
  async stop(): Promise<void> {
    await this.#worker.stop();
  }
}

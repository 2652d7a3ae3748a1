import type { Worker } from 'node:worker_threads';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { ServiceUnavailableError } from '@backstage/errors';
import type { WorkerMessage } from './startThread';

/** Bounds of the work. */
export interface WorkerLimits {
  /** From the start of the work to its answer. */
  timeoutMs: number;
  maxHeapMb: number;
  /** Questions that wait for the worker. */
  maxWaiting: number;
}

/**
 * One worker thread that is asked one thing after the other, for work on what
 * somebody else wrote: the event loop of the portal goes on meanwhile.
 *
 * What takes too long or too much memory is answered with `givenUp` and costs
 * the worker; those that wait go to the next one. The worker starts with the
 * first question and never keeps the process alive.
 */
export class AskedWorker<Question, Answer> {
  readonly #start: (limits: WorkerLimits) => Worker;
  readonly #givenUp: () => Answer;
  readonly #what: string;
  readonly #limits: WorkerLimits;
  readonly #logger: LoggerService;
  #worker: Worker | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #isStopped = false;

  constructor(options: {
    start: (limits: WorkerLimits) => Worker;
    /** The answer to what takes too long or too much memory. */
    givenUp: () => Answer;
    /** What is read, as in `Too many contracts are being read`. */
    what: string;
    limits: WorkerLimits;
    logger: LoggerService;
  }) {
    this.#start = options.start;
    this.#givenUp = options.givenUp;
    this.#what = options.what;
    this.#limits = options.limits;
    this.#logger = options.logger;
  }

  /** @throws ServiceUnavailableError when too many wait already */
  async ask(question: Question): Promise<Answer> {
    if (this.#isStopped || this.#waiting >= this.#limits.maxWaiting) {
      throw new ServiceUnavailableError(
        `Too many ${this.#what}s are being read; try again in a moment`,
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

  async #ask(question: Question): Promise<Answer> {
    if (this.#isStopped) {
      throw new ServiceUnavailableError('The portal is stopping');
    }
    const worker = this.#worker ?? (await this.#started());
    const next = nextOf<Answer>(worker);
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
      `A ${
        this.#what
      } was refused as too complex: it took too long or too much memory to read`,
    );
    return this.#givenUp();
  }

  async #started(): Promise<Worker> {
    const worker = this.#start(this.#limits);
    worker.unref();
    this.#worker = worker;
    // One that ends while nobody asks is replaced at the next question.
    worker.on('error', () => {});
    worker.on('exit', () => {
      if (this.#worker === worker) {
        this.#worker = undefined;
      }
    });
    const first = await nextOf<Answer>(worker);
    if (first.kind !== 'ready') {
      this.#worker = undefined;
      throw new Error(`The reader of ${this.#what}s does not start`);
    }
    return worker;
  }
}

/** The next thing a worker says, or that it ended. */
async function nextOf<Answer>(
  worker: Worker,
): Promise<WorkerMessage<Answer> | { kind: 'ended' }> {
  return await new Promise(resolve => {
    function settle(outcome: WorkerMessage<Answer> | { kind: 'ended' }) {
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

import { createHash } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { parseEventSchema } from '@millrace/schema';
import { SchemaCompilerBusyError } from '../errors';
import type { WorkerMessage } from '../threads';
import { type CompiledSource, tooComplex } from './compileSource';
import {
  type CompileQuestion,
  type WorkerLimits,
  startSchemaWorker,
} from './schemaWorker';
import type {
  CompileOptions,
  CompiledSchema,
  SchemaCompiler,
  SchemaSource,
} from './types';

/** Bounds of the compiler as a whole. */
export interface CompilerLimits extends WorkerLimits {
  /** From the start of the work to its answer. */
  timeoutMs: number;
  /** A source as JSON text. */
  maxSourceBytes: number;
  /** Sources that wait for the worker. */
  maxWaiting: number;
  /** How long a source that went beyond a limit is refused without a trial. */
  rememberMs: number;
}

export const DEFAULT_COMPILER_LIMITS: CompilerLimits = {
  // The largest allowed schema takes about a second on a slow machine.
  timeoutMs: 10_000,
  maxHeapMb: 256,
  maxStackMb: 1,
  maxSourceBytes: 8 * 1024 * 1024,
  maxWaiting: 32,
  rememberMs: 10 * 60_000,
};

const MAX_REMEMBERED = 1_000;

interface Job {
  text: string;
  resolve(answer: CompiledSource): void;
  reject(error: Error): void;
}

/**
 * Compiles schemas in one worker thread, one after the other.
 *
 * Guarantees: whatever a source is made of, the event loop of the portal goes
 * on; a source that takes too long or too much memory is refused with
 * `schema_too_complex`, costs its worker, and the sources that wait go to the
 * next one. Such a source is remembered for a while, because a declaration in
 * the catalog comes again with every pass.
 *
 * The worker starts with the first source and is kept. It never keeps the
 * process alive.
 */
export class WorkerSchemaCompiler implements SchemaCompiler {
  readonly #limits: CompilerLimits;
  readonly #logger: LoggerService;
  readonly #waiting: Job[] = [];
  /** Digests of sources beyond a limit, and until when that is remembered. */
  readonly #refused = new Map<string, number>();
  #worker: Worker | undefined;
  #isReady = false;
  #running: { job: Job; cancelTimeout: () => void } | undefined;
  #isStopped = false;

  constructor(options: {
    logger: LoggerService;
    limits?: Partial<CompilerLimits>;
  }) {
    this.#logger = options.logger;
    this.#limits = { ...DEFAULT_COMPILER_LIMITS, ...options.limits };
  }

  async compile(
    source: SchemaSource,
    options: CompileOptions = {},
  ): Promise<CompiledSchema> {
    const { avro, problems } = await this.#answer({ source, options });
    // Read again here, which is cheap for what the worker has let through, and
    // leaves nothing to trust in what came out of it.
    return avro === undefined
      ? { problems }
      : { value: parseEventSchema(avro), problems };
  }

  /** Gives up on what is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const stopped = new Error('The portal is stopping');
    this.#waiting.splice(0).forEach(job => job.reject(stopped));
    this.#settle(job => job.reject(stopped));
    const worker = this.#worker;
    this.#forget();
    await worker?.terminate();
  }

  async #answer(question: CompileQuestion): Promise<CompiledSource> {
    let text: string;
    try {
      text = JSON.stringify(question);
    } catch (error) {
      if (error instanceof RangeError) {
        return tooComplex('it is nested too deep');
      }
      throw error;
    }
    const bytes = Buffer.byteLength(text);
    if (bytes > this.#limits.maxSourceBytes) {
      return tooComplex(
        `its source has ${bytes} bytes, more than ${
          this.#limits.maxSourceBytes
        }`,
      );
    }
    const digest = createHash('sha256').update(text).digest('base64');
    if ((this.#refused.get(digest) ?? 0) > Date.now()) {
      return tooComplex('it went beyond the limits of time or memory before');
    }
    const answer = await this.#run(text);
    if (answer.problems.some(({ code }) => code === 'schema_too_complex')) {
      this.#remember(digest);
    }
    return answer;
  }

  #run(text: string): Promise<CompiledSource> {
    if (this.#isStopped || this.#waiting.length >= this.#limits.maxWaiting) {
      throw new SchemaCompilerBusyError();
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#running || !this.#waiting.length || this.#isStopped) {
      return;
    }
    this.#worker ??= this.#start();
    const job = this.#isReady ? this.#waiting.shift() : undefined;
    if (!job) {
      return;
    }
    const worker = this.#worker;
    const timer = setTimeout(
      () =>
        this.#replace(
          worker,
          `it took longer than ${this.#limits.timeoutMs} ms`,
        ),
      this.#limits.timeoutMs,
    );
    this.#running = { job, cancelTimeout: () => clearTimeout(timer) };
    worker.postMessage(job.text);
  }

  #start(): Worker {
    const worker = startSchemaWorker(this.#limits);
    worker.unref();
    worker.on('message', (message: WorkerMessage<CompiledSource>) => {
      if (worker !== this.#worker) {
        return;
      }
      switch (message.kind) {
        case 'ready':
          this.#isReady = true;
          break;
        case 'answer':
          this.#settle(job => job.resolve(message.answer));
          break;
        default:
          this.#settle(job => job.reject(new Error(message.message)));
      }
      this.#next();
    });
    worker.on('error', error => {
      if (worker !== this.#worker) {
        return;
      }
      if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
        this.#replace(
          worker,
          `it took more than ${this.#limits.maxHeapMb} MiB of memory`,
        );
      } else {
        this.#fail(error);
      }
    });
    worker.on('exit', () => {
      if (worker === this.#worker) {
        this.#fail(new Error('The schema worker ended'));
      }
    });
    return worker;
  }

  /** The source at work went beyond a limit. */
  #replace(worker: Worker, why: string): void {
    this.#logger.warn(`A schema was refused as too complex: ${why}`);
    this.#forget();
    worker.terminate().catch(() => {});
    this.#settle(job => job.resolve(tooComplex(why)));
    // The next source finds a warm worker.
    this.#worker = this.#isStopped ? undefined : this.#start();
    this.#next();
  }

  /** The worker is broken, through no fault of a source that anyone knows of. */
  #fail(error: Error): void {
    this.#logger.error(`The schema worker failed: ${error}`);
    this.#forget();
    this.#settle(job => job.reject(error));
    // One that cannot even start would fail for ever: each source tries once.
    this.#waiting.splice(0).forEach(job => job.reject(error));
  }

  #forget(): void {
    this.#worker = undefined;
    this.#isReady = false;
  }

  #settle(how: (job: Job) => void): void {
    const running = this.#running;
    this.#running = undefined;
    running?.cancelTimeout();
    if (running) {
      how(running.job);
    }
  }

  #remember(digest: string): void {
    this.#refused.delete(digest);
    this.#refused.set(digest, Date.now() + this.#limits.rememberMs);
    const [oldest] = this.#refused.keys();
    if (this.#refused.size > MAX_REMEMBERED) {
      this.#refused.delete(oldest);
    }
  }
}

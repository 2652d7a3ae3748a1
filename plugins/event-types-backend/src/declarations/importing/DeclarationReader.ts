import type { LoggerService } from '@backstage/backend-plugin-api';
import { problem } from '../../errors';
import { AskedWorker, type WorkerLimits } from '../../threads';
import { startDeclarationWorker } from './declarationWorker';
import type { DeclarationText } from './readDeclarationText';

const DEFAULT_LIMITS: WorkerLimits = {
  timeoutMs: 10_000,
  maxHeapMb: 512,
  maxWaiting: 8,
};

/**
 * Reads declarations that somebody sends as YAML, in one worker thread, one
 * after the other. One that takes too long or too much memory is refused with
 * `yaml_too_complex`.
 */
export class DeclarationReader {
  readonly #worker: AskedWorker<string, DeclarationText>;

  constructor(options: {
    logger: LoggerService;
    limits?: Partial<WorkerLimits>;
  }) {
    this.#worker = new AskedWorker({
      start: startDeclarationWorker,
      givenUp: () => ({
        problems: [
          problem(
            'yaml_too_complex',
            '',
            'The declaration takes too long or too much memory to read; write it plainer',
          ),
        ],
        hints: [],
        lines: new Map(),
      }),
      what: 'declaration',
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      logger: options.logger,
    });
  }

  /** @throws ServiceUnavailableError when too many wait already */
  async read(text: string): Promise<DeclarationText> {
    return await this.#worker.ask(text);
  }

  /** Gives up on what is under way. */
  async stop(): Promise<void> {
    await this.#worker.stop();
  }
}

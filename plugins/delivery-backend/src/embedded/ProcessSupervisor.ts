import path from 'node:path';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type {
  ProcessRole,
  ProcessState,
} from '@millrace/plugin-delivery-common';
import type { BackOffOptions } from '../backOff';
import type { DeliveryConfig, EmbeddedConfig } from '../config';
import { childEnvironment } from './childEnvironment';
import { ProcessLog } from './ProcessLog';
import { SupervisedProcess } from './SupervisedProcess';

/** How often the children's logs are looked at. */
const COLLECT_INTERVAL_MS = 1000;

/**
 * How long each role may drain, in the order of stopping. Together they stay
 * under the 45 s after which `millrace up` would kill the portal.
 */
const DRAIN_LIMITS_MS: [ProcessRole, number][] = [
  // First whoever lets events in …
  ['gateway', 12_000],
  // … then who takes them off the broker, and the broker when nobody talks to it.
  ['worker', 15_000],
  ['broker', 8_000],
];

/** Options of {@link ProcessSupervisor}. */
export interface ProcessSupervisorOptions {
  config: DeliveryConfig & { embedded: EmbeddedConfig };
  logger: LoggerService;
  /** This process' environment, of which children see a small part. */
  env: NodeJS.ProcessEnv;
  backOff?: BackOffOptions;
  drainLimitsMs?: [ProcessRole, number][];
}

/**
 * Runs the data plane as children of the portal's backend: the broker first,
 * gateway and worker once it is ready. Later they do not depend on each other:
 * when the broker dies, the others wait for it to come back.
 *
 * What each child writes goes to `<data dir>/logs/<role>.log`; only warnings
 * reach the portal's own log. See {@link SupervisedProcess} for a child's life.
 */
export class ProcessSupervisor {
  readonly #processes: Map<ProcessRole, SupervisedProcess>;
  readonly #logs: ProcessLog[];
  readonly #logger: LoggerService;
  readonly #drainLimitsMs: [ProcessRole, number][];
  #collecting: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: ProcessSupervisorOptions) {
    const { config, logger, env, backOff } = options;
    this.#logger = logger;
    this.#drainLimitsMs = options.drainLimitsMs ?? DRAIN_LIMITS_MS;
    this.#logs = [];
    const roles: ProcessRole[] = ['broker', 'gateway', 'worker'];
    this.#processes = new Map(
      roles.map(role => {
        const file = path.join(config.embedded.dataDir, 'logs', `${role}.log`);
        const log = new ProcessLog({
          file,
          onWarning: line => logger.warn(line, { role }),
        });
        this.#logs.push(log);
        const process = new SupervisedProcess({
          role,
          command: [...config.embedded.command, role],
          env: childEnvironment(role, config, env),
          log,
          backOff,
          onChange: state => this.#changed(state, file),
        });
        return [role, process];
      }),
    );
  }

  /** The state of every child, in the order of starting. */
  states(): ProcessState[] {
    return [...this.#processes.values()].map(process => process.state());
  }

  /** Starts the broker; the others follow when it is ready. */
  start(): void {
    this.#collecting = setInterval(() => this.#collect(), COLLECT_INTERVAL_MS);
    // A log that nobody reads must not keep the portal's process alive.
    this.#collecting.unref();
    this.#processes.get('broker')?.start();
  }

  /** Drains and ends all children, one after the other. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    await this.#stopping;
  }

  async #stop(): Promise<void> {
    for (const [role, limitMs] of this.#drainLimitsMs) {
      const hasDrained = await this.#processes.get(role)?.stop(limitMs);
      if (hasDrained === false) {
        this.#logger.warn(
          `The ${role} did not drain within ${limitMs} ms and was killed; what it had in hand is done again at the next start`,
        );
      }
    }
    clearInterval(this.#collecting);
    this.#collect();
  }

  #changed(state: ProcessState, logFile: string): void {
    const { role, pid, lastExit, nextStartAt } = state;
    switch (state.state) {
      case 'running':
        this.#logger.info(`The ${role} is running`, { pid });
        if (role === 'broker') {
          this.#processes.get('gateway')?.start();
          this.#processes.get('worker')?.start();
        }
        break;
      case 'backing-off':
        this.#logger.warn(
          `The ${role} ended with ${
            lastExit?.signal ?? `code ${lastExit?.code}`
          } and is started again at ${nextStartAt}; its log is ${logFile}`,
        );
        break;
      default:
    }
  }

  #collect(): void {
    for (const log of this.#logs) {
      try {
        log.collect();
      } catch (error) {
        // A full disk must not take the portal down.
        this.#logger.warn(`A log could not be read or rotated: ${error}`);
      }
    }
  }
}

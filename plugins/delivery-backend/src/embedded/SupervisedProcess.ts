import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import type {
  ProcessRole,
  ProcessState,
} from '@millrace/plugin-delivery-common';
import { type BackOffOptions, backOffMs } from '../backOff';
import type { ProcessLog } from './ProcessLog';

const RESTART_BACK_OFF: BackOffOptions = { minMs: 200, maxMs: 10_000 };

/** Options of {@link SupervisedProcess}. */
export interface SupervisedProcessOptions {
  role: ProcessRole;
  /** Program and arguments. No secrets here: use `env`. */
  command: string[];
  env: NodeJS.ProcessEnv;
  log: ProcessLog;
  /** Called after every change of state. */
  onChange?: (state: ProcessState) => void;
  /** Default 200 ms to 10 s. */
  backOff?: BackOffOptions;
  /** How long it must have run for its failures to be forgotten. Default 30 s. */
  healthyAfterMs?: number;
  /** A process that is not ready by then is killed. Default 60 s. */
  readyLimitMs?: number;
  now?: () => Date;
  random?: () => number;
}

/**
 * Keeps one child process running.
 *
 * ```text
 *            spawn                'ready'
 *  starting ───────▶ (alive) ───────────────▶ running
 *     ▲                 │ exit, spawn error,     │ exit
 *     │                 ▼ not ready in time      ▼
 *     └── wait over ── backing-off ◀─────────────┘
 *
 *  stop() leads from every state to stopped, which is final.
 * ```
 *
 * - A process counts as running only when it has said `{ type: 'ready' }` over
 *   its IPC channel.
 * - Whatever its exit code, a process nobody stopped is started again, after an
 *   exponential back-off that is forgotten once it has run for 30 s.
 * - The IPC channel is also its leash: it closes when this process is gone,
 *   even by kill -9, and the child then ends by itself.
 * - `stop` resolves only when the child is gone: SIGTERM, then SIGKILL.
 */
export class SupervisedProcess {
  readonly #options: Required<SupervisedProcessOptions>;
  #state: ProcessState;
  #child: ChildProcess | undefined;
  #failures = 0;
  /** When it last became ready. */
  #runningSince: Date | undefined;
  /** The wait of a back-off, or the limit of a start. */
  #timer: NodeJS.Timeout | undefined;
  /** Waiting for the child to be gone. */
  #exitListeners: (() => void)[] = [];

  constructor(options: SupervisedProcessOptions) {
    this.#options = {
      ...options,
      onChange: options.onChange ?? (() => {}),
      backOff: options.backOff ?? RESTART_BACK_OFF,
      healthyAfterMs: options.healthyAfterMs ?? 30_000,
      readyLimitMs: options.readyLimitMs ?? 60_000,
      now: options.now ?? (() => new Date()),
      random: options.random ?? Math.random,
    };
    this.#state = { role: options.role, state: 'starting', restarts: 0 };
  }

  /** A copy of its state, as told to people. */
  state(): ProcessState {
    return { ...this.#state };
  }

  /** Starts the process for the first time. */
  start(): void {
    if (!this.#child && this.#state.state === 'starting') {
      this.#spawn();
    }
  }

  /**
   * Ends the process and never starts it again.
   *
   * @param drainLimitMs - how long it may take to drain after SIGTERM
   * @returns whether it ended by itself, without SIGKILL
   */
  async stop(drainLimitMs: number): Promise<boolean> {
    this.#setTimer(undefined);
    this.#change({ state: 'stopped', nextStartAt: undefined });
    const child = this.#child;
    if (!child) {
      return true;
    }
    const hasExited = new Promise<void>(resolve => {
      this.#exitListeners.push(resolve);
    });
    child.kill('SIGTERM');
    let wasKilled = false;
    const limit = setTimeout(() => {
      wasKilled = true;
      this.#note(`did not drain within ${drainLimitMs} ms: SIGKILL`);
      child.kill('SIGKILL');
    }, drainLimitMs);
    await hasExited;
    clearTimeout(limit);
    return !wasKilled;
  }

  #spawn(): void {
    const { now, readyLimitMs } = this.#options;
    let child: ChildProcess;
    try {
      child = this.#fork();
    } catch (error) {
      // No descriptors or no disk left, say: worth another try later.
      this.#note(`could not be started: ${error}`);
      this.#exited(undefined, undefined);
      return;
    }
    this.#child = child;
    this.#runningSince = undefined;
    this.#change({
      state: 'starting',
      pid: child.pid,
      startedAt: now().toISOString(),
      nextStartAt: undefined,
    });
    child.on('message', message => {
      if (isReadyMessage(message) && this.#state.state === 'starting') {
        this.#setTimer(undefined);
        this.#runningSince = now();
        this.#change({ state: 'running' });
      }
    });
    child.once('error', error => {
      this.#note(`could not be started or signalled: ${error.message}`);
      // Without a pid there is no process, so there will be no exit event.
      if (child.pid === undefined) {
        this.#exited(undefined, undefined);
      }
    });
    child.once('exit', (code, signal) => {
      this.#exited(code ?? undefined, signal ?? undefined);
    });
    this.#setTimer(() => {
      this.#note(`was not ready within ${readyLimitMs} ms: SIGKILL`);
      child.kill('SIGKILL');
    }, readyLimitMs);
  }

  #fork(): ChildProcess {
    const { command, env, log } = this.#options;
    const [program, ...args] = command;
    const output = log.open();
    try {
      return spawn(program, args, {
        env,
        stdio: ['ignore', output, output, 'ipc'],
      });
    } finally {
      // The child has its own copy.
      fs.closeSync(output);
    }
  }

  #exited(code: number | undefined, signal: string | undefined): void {
    const { now, healthyAfterMs, backOff, random } = this.#options;
    const at = now();
    this.#child = undefined;
    this.#setTimer(undefined);
    this.#note(`ended with ${signal ?? `code ${code}`}`);
    const lastExit = { at: at.toISOString(), code, signal };
    this.#exitListeners.splice(0).forEach(listener => listener());
    if (this.#state.state === 'stopped') {
      this.#change({ pid: undefined, lastExit });
      return;
    }
    const ranForMs = this.#runningSince
      ? at.getTime() - this.#runningSince.getTime()
      : 0;
    this.#failures = ranForMs >= healthyAfterMs ? 1 : this.#failures + 1;
    const waitMs = backOffMs(this.#failures, random, backOff);
    this.#setTimer(() => {
      this.#state.restarts += 1;
      this.#spawn();
    }, waitMs);
    this.#change({
      state: 'backing-off',
      pid: undefined,
      lastExit,
      nextStartAt: new Date(at.getTime() + waitMs).toISOString(),
    });
  }

  #setTimer(run: (() => void) | undefined, ms?: number): void {
    clearTimeout(this.#timer);
    this.#timer = run && setTimeout(run, ms);
  }

  #change(change: Partial<ProcessState>): void {
    this.#state = { ...this.#state, ...change };
    this.#options.onChange(this.state());
  }

  #note(text: string): void {
    const { log, now, role } = this.#options;
    log.write(`${now().toISOString()} info supervisor: ${role} ${text}`);
  }
}

function isReadyMessage(message: unknown): boolean {
  return (
    typeof message === 'object' &&
    message !== null &&
    'type' in message &&
    message.type === 'ready'
  );
}

import fs from 'node:fs';
import { spawn } from 'node:child_process';
import { until } from './wait.mjs';

const READY_LIMIT_MS = 60_000;
/** Any process of the machine may borrow a port between two lives. */
const START_ATTEMPTS = 5;

/** @type {Set<Victim>} */
const running = new Set();
// Nothing that a campaign started may outlive it, whatever ends it.
process.on('exit', () => running.forEach(victim => victim.killNow()));

/**
 * A process that is killed and started again, many times: a role of Millrace,
 * or the program that sends. It says `{ type: 'ready' }` over its IPC channel,
 * and ends by itself when that closes.
 */
export class Victim {
  /**
   * @param {{ name: string, command: string[], env: NodeJS.ProcessEnv,
   *   log: string, onMessage?: (message: object) => void }} options
   */
  constructor(options) {
    this.options = options;
    this.lives = 0;
    /** @type {{ pid: number, signal?: string, code?: number } | undefined} */
    this.life = undefined;
  }

  get name() {
    return this.options.name;
  }

  get isRunning() {
    return this.life !== undefined && !this.life.hasEnded;
  }

  /** @returns {number} of the process itself, not of a tracer around it */
  get pid() {
    return this.life.pid;
  }

  /**
   * Starts one life and waits until it is ready or has ended.
   *
   * @param {{ prefix?: string[] }} options a tracer's command to run it under
   * @returns {Promise<boolean>} whether it got ready
   */
  async start({ prefix = [] } = {}) {
    const { command, env, log, onMessage } = this.options;
    const [program, ...args] = [...prefix, ...command];
    const output = fs.openSync(log, 'a');
    const child = spawn(program, args, {
      env,
      stdio: ['ignore', output, output, 'ipc'],
    });
    fs.closeSync(output);
    const life = { child, pid: child.pid, isReady: false, hasEnded: false };
    life.ended = new Promise(resolve => {
      child.once('error', () => {});
      child.once('close', (code, signal) => {
        Object.assign(life, { hasEnded: true, code, signal });
        running.delete(this);
        resolve();
      });
    });
    child.on('message', message => {
      if (message.type === 'ready') life.isReady = true;
      else onMessage?.(message);
    });
    this.life = life;
    this.lives += 1;
    running.add(this);
    await until(() => {
      if (prefix.length > 0) life.pid = childOf(child.pid) ?? life.pid;
      return life.isReady || life.hasEnded;
    }, READY_LIMIT_MS);
    return life.isReady && !life.hasEnded;
  }

  /**
   * Starts a life that is expected to get ready.
   *
   * @throws Error with the end of its log
   */
  async startHealthy() {
    for (let attempt = 1; attempt <= START_ATTEMPTS; attempt += 1) {
      if (await this.start()) return;
      await this.kill();
    }
    throw new Error(
      `The ${
        this.name
      } does not start any more. Its last words:\n${this.lastWords()}`,
    );
  }

  lastWords() {
    return fs.readFileSync(this.options.log, 'utf8').slice(-2_000);
  }

  send(message) {
    if (this.life?.child.connected) this.life.child.send(message, () => {});
  }

  /** kill -9; resolves when it is gone. */
  async kill() {
    if (!this.life) return;
    this.killNow();
    await this.life.ended;
  }

  killNow() {
    const { pid, child, hasEnded } = this.life;
    if (hasEnded) return;
    signal(pid, 'SIGKILL');
    if (child.pid !== pid) signal(child.pid, 'SIGKILL');
  }

  signal(name) {
    signal(this.pid, name);
  }

  /** Resident memory now and at its highest, in MiB. */
  memory() {
    const status = fs.readFileSync(`/proc/${this.pid}/status`, 'utf8');
    const read = field =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) /
      1024;
    return { nowMiB: read('VmRSS'), highestMiB: read('VmHWM') };
  }
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}

function childOf(pid) {
  try {
    const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`);
    return Number(String(children).trim().split(' ')[0]) || undefined;
  } catch {
    return undefined;
  }
}

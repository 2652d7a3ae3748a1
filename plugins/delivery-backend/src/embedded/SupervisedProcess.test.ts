import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ProcessState } from '@millrace/plugin-delivery-common';
import { ProcessLog } from './ProcessLog';
import {
  SupervisedProcess,
  type SupervisedProcessOptions,
} from './SupervisedProcess';
import { childScripts, isAlive } from '../__testUtils__/childProcesses';
import { until } from '../__testUtils__/until';

const BACK_OFF = { minMs: 20, maxMs: 80 };

describe('SupervisedProcess', () => {
  let dir: string;
  let started: SupervisedProcess[];
  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-supervised-'));
    started = [];
  });
  afterEach(async () => {
    await Promise.all(started.map(process => process.stop(0)));
    fs.rmSync(dir, { recursive: true });
  });

  function start(
    script: string,
    options: Partial<SupervisedProcessOptions> = {},
  ) {
    const changes: ProcessState[] = [];
    const process_ = new SupervisedProcess({
      role: 'worker',
      command: [process.execPath, '-e', script],
      env: { SECRET: 'from the environment' },
      log: new ProcessLog({
        file: path.join(dir, 'worker.log'),
        onWarning: () => {},
      }),
      backOff: BACK_OFF,
      onChange: state => changes.push(state),
      random: () => 1,
      ...options,
    });
    started.push(process_);
    process_.start();
    return { process: process_, changes };
  }

  it('runs only once the process says that it is ready, and drains it', async () => {
    const { process: child, changes } = start(childScripts.good);
    expect(child.state()).toMatchObject({ state: 'starting', restarts: 0 });
    await until(() => child.state().state === 'running');
    const { pid } = child.state();
    expect(isAlive(pid!)).toBe(true);

    expect(await child.stop(10_000)).toBe(true);
    expect(isAlive(pid!)).toBe(false);
    expect(child.state()).toMatchObject({
      state: 'stopped',
      pid: undefined,
      restarts: 0,
      lastExit: { code: 0 },
    });
    expect(changes.map(({ state }) => state)).toEqual([
      'starting',
      'running',
      'stopped',
      'stopped',
    ]);
  });

  it('starts a crashing process again, ever more slowly, and tells why it ended', async () => {
    const { process: child, changes } = start(childScripts.crashing);
    await until(() => child.state().restarts >= 4);
    const waits = changes
      .filter(({ state }) => state === 'backing-off')
      .map(({ nextStartAt, lastExit }) => {
        expect(lastExit).toMatchObject({ code: 3 });
        return Date.parse(nextStartAt!) - Date.parse(lastExit!.at);
      });
    expect(waits.slice(0, 4)).toEqual([20, 40, 80, 80]);
  });

  it('forgets earlier failures of a process that has run long enough', async () => {
    let now = 0;
    const { process: child, changes } = start(
      `process.send({ type: 'ready' });
       process.on('message', () => process.exit(1));
       setTimeout(() => process.exit(1), 30);`,
      { now: () => new Date((now += 60_000)) },
    );
    await until(() => child.state().restarts >= 3);
    const waits = changes
      .filter(({ state }) => state === 'backing-off')
      .map(
        ({ nextStartAt, lastExit }) =>
          Date.parse(nextStartAt!) - Date.parse(lastExit!.at),
      );
    expect(waits.slice(0, 3)).toEqual([20, 20, 20]);
  });

  it('starts a process again that was killed from outside', async () => {
    const { process: child } = start(childScripts.good);
    await until(() => child.state().state === 'running');
    const { pid } = child.state();
    process.kill(pid!, 'SIGKILL');
    await until(
      () => child.state().state === 'running' && child.state().pid !== pid,
    );
    expect(child.state()).toMatchObject({
      restarts: 1,
      lastExit: { signal: 'SIGKILL' },
    });
  });

  it('kills a process that does not drain in time', async () => {
    const { process: child } = start(childScripts.stubborn);
    await until(() => child.state().state === 'running');
    const { pid } = child.state();
    expect(await child.stop(50)).toBe(false);
    expect(isAlive(pid!)).toBe(false);
    expect(child.state().lastExit).toMatchObject({ signal: 'SIGKILL' });
  });

  it('replaces a process that does not become ready', async () => {
    const { process: child } = start(childScripts.hanging, {
      readyLimitMs: 100,
    });
    await until(() => child.state().restarts >= 1);
    expect(child.state().lastExit).toMatchObject({ signal: 'SIGKILL' });
  });

  it('backs off from a program that does not exist', async () => {
    const { process: child } = start('', { command: ['/no/such/program'] });
    await until(() => child.state().restarts >= 2);
    expect(await child.stop(1000)).toBe(true);
    expect(fs.readFileSync(path.join(dir, 'worker.log'), 'utf8')).toContain(
      'ENOENT',
    );
  });

  it('starts nothing any more once it was stopped while backing off', async () => {
    const { process: child } = start(childScripts.crashing);
    await until(() => child.state().state === 'backing-off');
    await child.stop(1000);
    const { restarts } = child.state();
    await new Promise(resolve => setTimeout(resolve, 3 * BACK_OFF.maxMs));
    expect(child.state()).toMatchObject({ state: 'stopped', restarts });
  });

  it('gives the environment it was told to, and no arguments beyond', async () => {
    const out = path.join(dir, 'out.json');
    const { process: child } = start(
      `require('node:fs').writeFileSync(${JSON.stringify(out)},
         JSON.stringify([process.env, process.argv]));
       ${childScripts.good}`,
    );
    await until(() => child.state().state === 'running');
    const [env, argv] = JSON.parse(fs.readFileSync(out, 'utf8'));
    const { NODE_CHANNEL_FD, NODE_CHANNEL_SERIALIZATION_MODE, ...rest } = env;
    expect(rest).toEqual({ SECRET: 'from the environment' });
    expect(JSON.stringify(argv)).not.toContain('from the environment');
  });
});

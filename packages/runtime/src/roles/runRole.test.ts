import path from 'node:path';
import { once } from 'node:events';
import { ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import { waitForExit } from '../up/processes';

const LIMIT_MS = 20_000;

const runRolePath = require.resolve('./runRole');

/** A process that runs a role whose `stop` writes a file. */
function startRole(stopped: string, then = ''): ChildProcess {
  const script = `
    require('@backstage/cli/config/nodeTransform.cjs');
    const { runRole } = require(${JSON.stringify(runRolePath)});
    const fs = require('node:fs');
    runRole('test', async () => {
      ${then}
      const timer = setInterval(() => {}, 1000);
      return { stop: async () => {
        clearInterval(timer);
        fs.writeFileSync(${JSON.stringify(stopped)}, 'drained');
      } };
    });`;
  return spawn(process.execPath, ['-e', script, 'millrace-role'], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    cwd: path.dirname(runRolePath),
  });
}

async function ready(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the role ended with ${code} before it was ready`);
  });
  const saidSo = new Promise<void>(resolve => {
    child.on('message', (message: { type?: string }) => {
      if (message.type === 'ready') resolve();
    });
  });
  ended.catch(() => {});
  await Promise.race([saidSo, ended]);
}

describe('runRole', () => {
  let dir: string;
  let stopped: string;
  beforeEach(async () => {
    dir = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-role-'));
    stopped = path.join(dir, 'stopped');
  });
  afterEach(() => fs.rm(dir, { recursive: true, force: true }));

  it('drains and exits 0 on SIGTERM', async () => {
    const child = startRole(stopped);
    await ready(child);
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    expect(await fs.readFile(stopped, 'utf8')).toBe('drained');
  });

  it('drains when the process that started it is gone', async () => {
    const child = startRole(stopped);
    await ready(child);
    child.disconnect();
    expect(await waitForExit(child.pid!, 'millrace-role', LIMIT_MS)).toBe(true);
    expect(await fs.readFile(stopped, 'utf8')).toBe('drained');
  });

  it('leaves the order of stopping to its parent on Ctrl-C', async () => {
    const child = startRole(stopped);
    await ready(child);
    child.kill('SIGINT');
    child.kill('SIGTERM');
    const [code, signal] = await once(child, 'exit');
    expect({ code, signal }).toEqual({ code: 0, signal: null });
  });

  it('exits 1 when it cannot start', async () => {
    const child = startRole(stopped, 'throw new Error("no disk");');
    const [code] = await once(child, 'exit');
    expect(code).toBe(1);
  });
});

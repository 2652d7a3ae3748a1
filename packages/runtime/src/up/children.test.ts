import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startChild } from './children';
import { waitForExit } from './processes';

const LIMIT_MS = 20_000;

describe('startChild', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-children-'));
  });
  afterEach(() => fs.rm(dir, { recursive: true, force: true }));

  const start = (script: string) =>
    startChild({
      name: 'child',
      command: [process.execPath],
      args: ['-e', script, 'millrace-child'],
      logFile: path.join(dir, 'logs', 'child.log'),
    });

  it('is ready when the process says so, and keeps what it printed', async () => {
    const child = start(
      'console.log("hello"); process.send({type:"watch"}); process.send({type:"ready"}); setInterval(() => {}, 1000)',
    );
    await expect(child.ready(LIMIT_MS)).resolves.toBe(true);
    await child.stop(LIMIT_MS);
    await expect(child.exited).resolves.toEqual({
      code: undefined,
      signal: 'SIGTERM',
    });
    expect(
      await fs.readFile(path.join(dir, 'logs', 'child.log'), 'utf8'),
    ).toContain('hello');
  });

  it('is not ready when the process ends first', async () => {
    const child = start('process.exit(3)');
    await expect(child.ready(LIMIT_MS)).resolves.toBe(false);
    await expect(child.exited).resolves.toEqual({
      code: 3,
      signal: undefined,
    });
  });

  it('is not ready when the program does not exist, and the log says why', async () => {
    const logFile = path.join(dir, 'child.log');
    const child = startChild({
      name: 'child',
      command: [path.join(dir, 'nothing')],
      args: [],
      logFile,
    });
    await expect(child.ready(LIMIT_MS)).resolves.toBe(false);
    expect(await fs.readFile(logFile, 'utf8')).toContain('ENOENT');
  });

  it('ends a process that ignores SIGTERM', async () => {
    const child = start(
      'process.on("SIGTERM", () => {}); process.send({type:"ready"}); setInterval(() => {}, 1000)',
    );
    await child.ready(LIMIT_MS);
    await child.stop(100);
    await expect(child.exited).resolves.toMatchObject({ signal: 'SIGKILL' });
    expect(await waitForExit(child.pid!, 'millrace-child', LIMIT_MS)).toBe(
      true,
    );
  });
});

import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openDataDir } from './dataDir';

describe('openDataDir', () => {
  let base: string;
  let dir: string;
  beforeEach(async () => {
    base = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-datadir-'));
    dir = path.join(base, 'state');
  });
  afterEach(() => fs.rm(base, { recursive: true, force: true }));

  it('keeps the same secrets over restarts, readable by this user only', async () => {
    const first = await openDataDir(dir, { reset: false });
    await first.release();
    const second = await openDataDir(dir, { reset: false });
    expect(second.secrets).toEqual(first.secrets);
    expect(first.secrets.databasePassword.length).toBeGreaterThan(20);
    const { mode } = await fs.stat(path.join(dir, 'secrets.json'));
    expect(mode & 0o777).toBe(0o600);
  });

  it('never deletes a directory that is not its own', async () => {
    await fs.mkdir(dir);
    await fs.writeFile(path.join(dir, 'thesis.txt'), 'years of work');
    await expect(openDataDir(dir, { reset: true })).rejects.toMatchObject({
      code: 'data_dir_not_ours',
    });
    expect(await fs.readdir(dir)).toEqual(['thesis.txt']);
  });

  it('starts from nothing when asked to reset its own directory', async () => {
    const before = await openDataDir(dir, { reset: false });
    await fs.writeFile(path.join(dir, 'old'), 'state');
    await before.release();
    const after = await openDataDir(dir, { reset: true });
    expect(await fs.readdir(dir)).not.toContain('old');
    expect(after.secrets).not.toEqual(before.secrets);
  });

  it('refuses a directory that another running Millrace uses, and takes over from a dead one', async () => {
    await openDataDir(dir, { reset: false });
    const other = spawn(
      process.execPath,
      ['-e', 'setInterval(() => {}, 1000)', 'millrace'],
      { stdio: 'ignore' },
    );
    await once(other, 'spawn');
    await fs.writeFile(path.join(dir, 'up.pid'), `${other.pid}\n`);
    await expect(openDataDir(dir, { reset: true })).rejects.toMatchObject({
      code: 'data_dir_in_use',
      message: expect.stringContaining(String(other.pid)),
    });

    other.kill('SIGKILL');
    await once(other, 'exit');
    await expect(openDataDir(dir, { reset: false })).resolves.toBeDefined();
  });

  it('says what to do when the directory cannot be made', async () => {
    await fs.writeFile(path.join(base, 'file'), '');
    await expect(
      openDataDir(path.join(base, 'file', 'state'), { reset: false }),
    ).rejects.toMatchObject({ code: 'data_dir_unreadable' });
  });
});

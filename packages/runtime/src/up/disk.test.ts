import os from 'node:os';
import { requireDisk, whatToDo } from './disk';

describe('requireDisk', () => {
  it('says how much is free and how much is needed', async () => {
    await expect(requireDisk(os.tmpdir(), 1e18)).rejects.toMatchObject({
      code: 'disk_full',
      message: expect.stringMatching(/Only \d+ MB are free .* are needed/),
      todo: expect.stringContaining('--data-dir'),
    });
    await expect(requireDisk(os.tmpdir(), 1)).resolves.toBeUndefined();
  });
});

describe('whatToDo', () => {
  it('names the log when the disk is not the cause', async () => {
    expect(await whatToDo(os.tmpdir(), 'database.log')).toContain(
      'database.log',
    );
  });
});

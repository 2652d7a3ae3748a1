import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseUpOptions } from './options';

describe('parseUpOptions', () => {
  let root: string;
  beforeEach(async () => {
    root = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-options-'));
  });
  afterEach(() => fs.rm(root, { recursive: true, force: true }));

  const flags = { port: '7007', dataDir: '.millrace', demo: true };
  const parse = (changed: object) =>
    parseUpOptions({ ...flags, ...changed }, { MILLRACE_ROOT: root });

  it('gives the gateway, broker and database the ports after the portal', async () => {
    const { ports, dataDir } = await parse({ port: '8000' });
    expect(ports).toEqual({
      portal: 8000,
      gateway: 8001,
      broker: 8002,
      database: 8003,
    });
    expect(dataDir).toBe(path.join(root, '.millrace'));
  });

  it('seals by the minute with the demo and by the hour without, unless told', async () => {
    expect((await parse({})).bucket).toBe('PT1M');
    expect((await parse({ demo: false })).bucket).toBe('PT1H');
    expect((await parse({ bucket: 'PT10M' })).bucket).toBe('PT10M');
  });

  it('runs the smoke test in a fresh directory beside the real state', async () => {
    const first = await parse({ smoke: true });
    const second = await parse({ smoke: true });
    expect(path.dirname(first.dataDir)).toBe(path.join(root, '.millrace'));
    expect(second.dataDir).not.toBe(first.dataDir);
    expect(await fs.readdir(first.dataDir)).toEqual([]);
  });

  it('says what to do when the directory for the smoke test cannot be made', async () => {
    await fs.writeFile(path.join(root, 'file'), '');
    await expect(parse({ smoke: true, dataDir: 'file' })).rejects.toMatchObject(
      {
        code: 'data_dir_unreadable',
        todo: expect.stringContaining('--data-dir'),
      },
    );
  });

  it('takes more settings in the order given, each a file that is there', async () => {
    await fs.writeFile(path.join(root, 'ours.yaml'), '');
    const other = path.join(root, 'other.yaml');
    await fs.writeFile(other, '');
    expect((await parse({})).configFiles).toEqual([]);
    expect((await parse({ config: ['ours.yaml', other] })).configFiles).toEqual(
      [path.join(root, 'ours.yaml'), other],
    );
  });

  it.each([
    [{ port: 'abc' }, /--port is 'abc'/],
    [{ port: '80' }, /--port is '80'/],
    [{ port: '65535' }, /--port is '65535'/],
    [{ bucket: 'PT7M' }, /--bucket is 'PT7M'/],
    [{ bucket: 'soon' }, /--bucket is 'soon'/],
    [{ config: ['nowhere.yaml'] }, /--config names .*nowhere.yaml/],
    [{ smoke: true, demo: false }, /cannot run with --no-demo/],
  ])('refuses %j with what to do', async (changed, message) => {
    await expect(parse(changed)).rejects.toMatchObject({
      name: 'UsageError',
      code: 'invalid_option',
      message: expect.stringMatching(message),
      todo: expect.stringMatching(/\w/),
    });
  });
});

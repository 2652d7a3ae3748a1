import fs from 'node:fs/promises';
import net, { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { Database, startEmbeddedDatabase } from '../up/database';

const LIMIT_MS = 120_000;
jest.setTimeout(LIMIT_MS);

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

describe('the database process', () => {
  let base: string;
  let dir: string;
  let database: Database | undefined;
  beforeEach(async () => {
    base = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-database-'));
    // Under root the database runs as another user, who has to get in.
    await fs.chmod(base, 0o755);
    dir = path.join(base, 'postgres');
  });
  afterEach(async () => {
    await database?.child?.stop(LIMIT_MS);
    database = undefined;
    await fs.rm(base, { recursive: true, force: true });
  });

  const start = async () => {
    database = await startEmbeddedDatabase({
      command: [
        process.execPath,
        path.resolve(__dirname, '../../bin/millrace'),
      ],
      dir,
      port: await freePort(),
      password: 'secret',
      logFile: path.join(base, 'database.log'),
      flags: '-c fsync=off',
    });
    return database;
  };

  it('ends when its Postgres is killed, so that the loss is noticed', async () => {
    const { child } = await start();
    const content = await fs.readFile(path.join(dir, 'postmaster.pid'), 'utf8');
    process.kill(Number(content.split('\n')[0]), 'SIGKILL');
    await expect(child!.exited).resolves.toMatchObject({ code: 1 });
  });

  it('begins anew when it was killed while it made its files', async () => {
    await fs.mkdir(dir);
    await fs.writeFile(path.join(dir, 'PG_VERSION'), '18\n');
    await fs.writeFile(`${dir}.unfinished`, '');
    await start();
    await expect(fs.access(`${dir}.unfinished`)).rejects.toThrow('ENOENT');
  });
});

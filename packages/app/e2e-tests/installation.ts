import { ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import net, { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(__dirname, '../../..');
const READY_LIMIT_MS = 180_000;

/** A process of the data plane, as the portal reports it. */
export interface RunningProcess {
  role: 'broker' | 'gateway' | 'worker';
  state: string;
  pid: number;
  restarts: number;
}

/** A whole Millrace in a directory of its own, started by `millrace up`. */
export interface Installation {
  portalUrl: string;
  gatewayUrl: string;
  lakeRoot: string;
  dir: string;
  /** Calls the portal as one of the demo identities. */
  get<T>(identity: string, apiPath: string): Promise<T>;
  /** Posts JSON as one of the demo identities. */
  post<T>(identity: string, apiPath: string, body: object): Promise<T>;
  processes(): Promise<RunningProcess[]>;
  stop(): Promise<void>;
}

/**
 * Starts an installation, or takes the one that runs already on the port that
 * `MILLRACE_E2E_PORT` names: starting takes longer than most tests, and who
 * works on a page wants to try it again and again. Stopping leaves that one be.
 *
 * @param args more flags of `millrace up`
 */
export async function startInstallation(
  ...args: string[]
): Promise<Installation> {
  const running = Number(process.env.MILLRACE_E2E_PORT);
  if (running) {
    const dir = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-e2e-'));
    return describeInstallation(
      running,
      dir,
      path.join(root, '.millrace'),
      () => fs.rm(dir, { recursive: true, force: true }),
    );
  }
  const dir = await fs.mkdtemp(path.join(os.tmpdir(), 'millrace-e2e-'));
  const port = await fourFreePorts();
  const log = await fs.open(path.join(dir, 'up.log'), 'a');
  const up: ChildProcess = spawn(
    process.execPath,
    [
      path.join(root, 'packages/runtime/bin/millrace'),
      'up',
      '--port',
      String(port),
      '--data-dir',
      path.join(dir, 'state'),
      ...args,
    ],
    {
      cwd: root,
      env: { ...process.env, MILLRACE_ROOT: root },
      stdio: ['ignore', 'pipe', log.fd, 'ipc'],
    },
  );
  const exited = once(up, 'exit');
  await new Promise<void>((resolve, reject) => {
    const fail = async (why: string) =>
      reject(
        new Error(
          `${why}\n${await fs.readFile(path.join(dir, 'up.log'), 'utf8')}`,
        ),
      );
    const limit = setTimeout(() => fail('not ready in time'), READY_LIMIT_MS);
    exited.then(() => fail('ended while starting'));
    up.stdout!.on('data', chunk => {
      if (String(chunk).includes('Millrace is ready')) {
        clearTimeout(limit);
        resolve();
      }
    });
  });

  return describeInstallation(port, dir, path.join(dir, 'state'), async () => {
    up.kill('SIGTERM');
    await exited;
    await log.close();
    await fs.rm(dir, { recursive: true, force: true });
  });
}

function describeInstallation(
  port: number,
  dir: string,
  state: string,
  stop: () => Promise<void>,
): Installation {
  const portalUrl = `http://localhost:${port}`;
  const call = async <T>(
    identity: string,
    apiPath: string,
    init: { method?: string; body?: string; headers?: Record<string, string> },
  ): Promise<T> => {
    const session = await fetch(`${portalUrl}/api/auth/demo/refresh`, {
      headers: { 'x-millrace-demo-identity': identity },
    });
    const { backstageIdentity } = await session.json();
    const response = await fetch(`${portalUrl}${apiPath}`, {
      ...init,
      headers: {
        ...init.headers,
        authorization: `Bearer ${backstageIdentity.token}`,
      },
    });
    if (!response.ok) throw new Error(`${apiPath}: ${response.status}`);
    return response.json();
  };
  const get = <T>(identity: string, apiPath: string) =>
    call<T>(identity, apiPath, {});
  const post = <T>(identity: string, apiPath: string, body: object) =>
    call<T>(identity, apiPath, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  return {
    portalUrl,
    gatewayUrl: `http://localhost:${port + 1}`,
    lakeRoot: path.join(state, 'lake'),
    dir,
    get,
    post,
    processes: async () =>
      (
        await get<{ processes: RunningProcess[] }>(
          'user:default/platform',
          '/api/delivery/status',
        )
      ).processes,
    stop,
  };
}

/** What the oracle found; it runs as a program of its own. */
export interface OracleReport {
  accepted: number;
  delivered: number;
  duplicates: number;
  refused: number;
  lost: number;
  problems: string[];
}

/** Lets the oracle compare a client's journal with the files of the lake. */
export async function askOracle(
  installation: Installation,
  journal: object[],
  refused: object[],
): Promise<OracleReport> {
  const journalFile = path.join(installation.dir, 'journal.ndjson');
  const refusedFile = path.join(installation.dir, 'refused.json');
  await fs.writeFile(
    journalFile,
    journal.map(entry => `${JSON.stringify(entry)}\n`).join(''),
  );
  await fs.writeFile(refusedFile, JSON.stringify(refused));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      path.join(root, 'scripts/oracle/main.mjs'),
      '--journal',
      journalFile,
      '--lake',
      installation.lakeRoot,
      '--refused',
      refusedFile,
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  return JSON.parse(stdout);
}

/** A port that is free together with the three after it. */
async function fourFreePorts(): Promise<number> {
  for (;;) {
    const first = await listen(0);
    const { port } = first.address() as AddressInfo;
    const others = await Promise.allSettled(
      [1, 2, 3].map(offset => listen(port + offset)),
    );
    first.close();
    others.forEach(
      other => other.status === 'fulfilled' && other.value.close(),
    );
    if (port < 65_000 && others.every(({ status }) => status === 'fulfilled')) {
      return port;
    }
  }
}

async function listen(port: number): Promise<net.Server> {
  const server = net.createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

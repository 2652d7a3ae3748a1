import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { mockServices } from '@backstage/backend-test-utils';
import type { DeliveryConfig, EmbeddedConfig } from '../config';
import { ProcessSupervisor } from './ProcessSupervisor';
import { isAlive } from '../__testUtils__/childProcesses';
import { until } from '../__testUtils__/until';

/** Notes starts and drains of every role in one file. */
const ROLE_SCRIPT = `
  const fs = require('node:fs');
  const role = process.argv[2];
  const note = what => fs.appendFileSync(__dirname + '/journal', role + ' ' + what + '\\n');
  fs.writeFileSync(__dirname + '/' + role + '.json', JSON.stringify(process.env));
  note('starts');
  const end = () => setTimeout(() => { note('drained'); process.exit(0); }, 50);
  process.on('SIGTERM', end);
  process.on('disconnect', end);
  setInterval(() => {}, 1000);
  setTimeout(() => { note('ready'); process.send({ type: 'ready' }); }, 50);
`;

describe('ProcessSupervisor', () => {
  let dir: string;
  let supervisor: ProcessSupervisor | undefined;
  let parent: ChildProcess | undefined;
  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-supervisor-'));
    fs.writeFileSync(path.join(dir, 'role.js'), ROLE_SCRIPT);
  });
  afterEach(async () => {
    await supervisor?.stop();
    parent?.kill('SIGKILL');
    fs.rmSync(dir, { recursive: true });
  });

  function createConfig(): DeliveryConfig & { embedded: EmbeddedConfig } {
    return {
      bucketSeconds: 60,
      latenessObjectivesMs: { critical: 30_000, normal: 60_000, low: 300_000 },
      projectId: 'test',
      brokerAddress: '127.0.0.1:7009',
      orphanGraceMs: 604_800_000,
      gatewayUrl: 'http://localhost:7008',
      gatewayLimits: {},
      ledgerConnection: 'postgresql://user:secret@127.0.0.1/ledger',
      manifestSigning: { formerPublicKeys: [] },
      lakeRoot: path.join(dir, 'lake'),
      audit: { cycleDays: 7 },
      embedded: {
        command: [process.execPath, path.join(dir, 'role.js')],
        dataDir: dir,
        stagingDir: path.join(dir, 'staging'),
        brokerPort: 7009,
        gatewayPort: 7008,
      },
    };
  }
  const journal = () =>
    fs.readFileSync(path.join(dir, 'journal'), 'utf8').trimEnd().split('\n');

  it('starts the broker first, and drains gateway, worker and broker in turn', async () => {
    supervisor = new ProcessSupervisor({
      config: createConfig(),
      logger: mockServices.logger.mock(),
      env: { PATH: process.env.PATH, PORTAL_SECRET: 'hidden' },
    });
    supervisor.start();
    await until(() =>
      supervisor!.states().every(({ state }) => state === 'running'),
    );
    expect(journal().slice(0, 2)).toEqual(['broker starts', 'broker ready']);

    const pids = supervisor.states().map(({ pid }) => pid!);
    await supervisor.stop();
    expect(journal().slice(-3)).toEqual([
      'gateway drained',
      'worker drained',
      'broker drained',
    ]);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('gives each role only the settings it reads', async () => {
    supervisor = new ProcessSupervisor({
      config: createConfig(),
      logger: mockServices.logger.mock(),
      env: { PATH: process.env.PATH, PORTAL_SECRET: 'hidden' },
    });
    supervisor.start();
    await until(() =>
      supervisor!.states().every(({ state }) => state === 'running'),
    );
    const envOf = (role: string) =>
      Object.fromEntries(
        Object.entries(
          JSON.parse(fs.readFileSync(path.join(dir, `${role}.json`), 'utf8')),
        ).filter(([name]) => !/^(NODE_CHANNEL_|PATH$)/.test(name)),
      );
    expect(envOf('broker')).toEqual({
      MILLRACE_DATA_DIR: dir,
      MILLRACE_BROKER_PORT: '7009',
    });
    expect(envOf('gateway')).toEqual({
      MILLRACE_DATA_DIR: dir,
      MILLRACE_LEDGER_URL: 'postgresql://user:secret@127.0.0.1/ledger',
      MILLRACE_PROJECT_ID: 'test',
      PUBSUB_EMULATOR_HOST: '127.0.0.1:7009',
      METADATA_SERVER_DETECTION: 'none',
      MILLRACE_GATEWAY_ID: 'gateway-1',
      MILLRACE_GATEWAY_HOST: '127.0.0.1',
      MILLRACE_GATEWAY_PORT: '7008',
    });
    expect(envOf('worker')).toEqual({
      MILLRACE_DATA_DIR: dir,
      MILLRACE_LEDGER_URL: 'postgresql://user:secret@127.0.0.1/ledger',
      MILLRACE_PROJECT_ID: 'test',
      PUBSUB_EMULATOR_HOST: '127.0.0.1:7009',
      METADATA_SERVER_DETECTION: 'none',
      MILLRACE_WORKER_ID: 'worker-1',
      MILLRACE_LAKE_ROOT: path.join(dir, 'lake'),
      MILLRACE_STAGING_DIR: path.join(dir, 'staging'),
      MILLRACE_AUDIT_CYCLE_DAYS: '7',
      MILLRACE_LATENESS_CRITICAL_SECONDS: '30',
      MILLRACE_LATENESS_NORMAL_SECONDS: '60',
      MILLRACE_LATENESS_LOW_SECONDS: '300',
    });
  });

  it('leaves no orphan when the portal is killed', async () => {
    parent = spawn(
      process.execPath,
      [
        '-e',
        `require('@backstage/cli/config/nodeTransform.cjs');
         const { ProcessSupervisor } = require(${JSON.stringify(
           path.join(__dirname, 'ProcessSupervisor.ts'),
         )});
         const logger = { info() {}, warn() {} };
         const supervisor = new ProcessSupervisor({
           config: ${JSON.stringify(createConfig())}, logger, env: process.env,
         });
         supervisor.start();
         setInterval(() => {
           const states = supervisor.states();
           if (states.every(({ state }) => state === 'running')) {
             process.send(states.map(({ pid }) => pid));
           }
         }, 20);`,
      ],
      { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
    );
    const pids = await new Promise<number[]>(resolve =>
      // Backstage's node transform talks over the channel, too.
      parent!.on('message', message => {
        if (Array.isArray(message)) resolve(message);
      }),
    );
    expect(pids.every(isAlive)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !pids.some(isAlive));
    expect(journal().filter(line => line.endsWith('drained'))).toHaveLength(3);
  });
});
